/** Characters that some file systems ignore when they compare names, so that they hide a `.git`. */
const ignorableCharacters = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/gu;
const reservedNames = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?:\..*)?$/i;
const maxPathLength = 1024;
const maxNameBytes = 255;

/** Whether a file or folder name stands for `.git` on any file system: case, trailing dots, short names, streams. */
export function isGitName(name: string): boolean {
  const bare = name
    .replaceAll(ignorableCharacters, "")
    .toLowerCase()
    .replace(/:.*$/s, "")
    .replace(/[. ]+$/, "");
  return bare === ".git" || /^git~[0-9]+$/.test(bare);
}

/** Why a relative path must not be used in a workspace; undefined when it may. Looks at the text only, not at the disk. */
export function refusalOfPath(path: string): string | undefined {
  if (path === "") return "the path is empty";
  if (path.length > maxPathLength) return "the path is too long";
  if (path.includes("\0")) return "the path holds a NUL character";
  if (path.includes("\\")) return "the path holds a backslash; separate folders with /";
  if (path.startsWith("/") || /^[A-Za-z]:/.test(path)) return "the path is not relative";
  for (const name of path.split("/")) {
    const refusal = refusalOfName(name);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function refusalOfName(name: string): string | undefined {
  if (name === "" || name === ".") return "the path holds an empty part";
  if (name === "..") return "the path leaves the workspace";
  if (isGitName(name)) return "the path names git's own folder";
  if (reservedNames.test(name)) return `${name} is a reserved name on Windows`;
  if (/[. ]$/.test(name)) return "a name ends with a dot or a space";
  if (/\p{Surrogate}/u.test(name)) return "a name is not valid Unicode";
  if (new TextEncoder().encode(name).length > maxNameBytes) return "a name is too long";
  return undefined;
}

/**
 * Whether a symbolic link at `path` may point at `target`: only to names at or below the workspace
 * root, judged by text. `..` is allowed at the front only, since behind another link it climbs from
 * wherever that one leads.
 */
export function linkStaysInside(path: string, target: string): boolean {
  if (target === "" || target.startsWith("/") || target.includes("\0")) return false;
  const parts = target.split("/").filter((part) => part !== "" && part !== ".");
  const climbs = parts.findIndex((part) => part !== "..");
  const up = climbs === -1 ? parts.length : climbs;
  const names = parts.slice(up);
  if (names.some((name) => name === ".." || isGitName(name))) return false;
  return up <= path.split("/").length - 1;
}
