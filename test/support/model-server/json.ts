export type Json = Readonly<Record<string, unknown>>;

/** Empty when the value is no object. */
export function record(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Json)
    : {};
}

/** The objects of an array; none when it is no array. */
export function records(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.map(record) : [];
}

export function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** A text as it is, a list of `{text}` parts joined. */
export function content(value: unknown): string {
  return typeof value === "string"
    ? value
    : records(value)
        .map((part) => text(part["text"]))
        .join("");
}

export function optionalNumber(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

/** Tool arguments as they go over the wire. */
export function argumentText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** In pieces of at most `size` characters, at least one. */
export function pieces(whole: string, size: number): readonly string[] {
  const found: string[] = [];
  for (let start = 0; start < whole.length; start += size)
    found.push(whole.slice(start, start + size));
  return found.length === 0 ? [""] : found;
}
