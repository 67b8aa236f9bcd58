/** Whether a line, or a path, is one that was looked for. */
export type Matches = (text: string) => boolean;

/** A test of lines, or what is wrong with the pattern in words. */
export type CompiledPattern = Matches | { readonly problem: string };

/** Makes a test of a regular expression whose time grows with the text only, whatever it is. */
export type CompilePattern = (pattern: string, ignoreCase: boolean) => Promise<CompiledPattern>;

/**
 * Paths that a glob means: `*` and `?` within a name, `**` for any folders; without a `/` it is about
 * the name of a file in any folder.
 */
export function pathPattern(glob: string): Matches {
  const wanted = glob.replace(/^\.?\//, "").split("/");
  const names = wanted.length === 1 ? ["**", ...wanted] : wanted;
  return (path) => fits(path.split("/"), names, (name, part) => fitsName(name, part));
}

function fitsName(name: string, part: string): boolean {
  return fits(
    Array.from(name),
    Array.from(part),
    (one, wanted) => wanted === "?" || one === wanted,
    "*",
  );
}

/** Goes back to the last `any` only: time is at most the product of both lengths. */
function fits(
  given: readonly string[],
  wanted: readonly string[],
  isOne: (given: string, wanted: string) => boolean,
  any = "**",
): boolean {
  let [at, next, lastAny, resume] = [0, 0, -1, 0];
  while (at < given.length) {
    const one = given[at] ?? "";
    const want = wanted[next];
    if (want === any) {
      [lastAny, resume] = [next, at];
      next += 1;
    } else if (want !== undefined && isOne(one, want)) {
      at += 1;
      next += 1;
    } else if (lastAny !== -1) {
      resume += 1;
      [at, next] = [resume, lastAny + 1];
    } else return false;
  }
  return wanted.slice(next).every((want) => want === any);
}
