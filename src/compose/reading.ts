/** Reading is a function of the document alone, and every story of a run asks for the same one. */
export function oncePerDocument<D extends object, T>(read: (document: D) => T): (document: D) => T {
  const known = new WeakMap<D, { readonly value: T }>();
  return (document) => {
    const found = known.get(document) ?? { value: read(document) };
    known.set(document, found);
    return found.value;
  };
}
