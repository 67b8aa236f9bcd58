/**
 * Names that the lines of a root `.gitignore` hide from lists of files: those that are a mere name,
 * such as `dist/`. git itself decides what is committed.
 */
export function ignoredNames(gitignore: string): ReadonlySet<string> {
  const names = gitignore
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => /^\/?[A-Za-z0-9._-]+\/?$/.test(line))
    .map((line) => line.replaceAll("/", ""));
  return new Set(names);
}
