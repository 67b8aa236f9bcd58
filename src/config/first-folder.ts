import { isAbsolute } from "node:path";

/**
 * The first answer that is an absolute path. HOME may be empty or relative, the user unknown to the
 * system, the current folder deleted: a finder that throws or answers so is passed over.
 */
export function firstFolder(finders: readonly (() => string)[]): string | undefined {
  for (const find of finders) {
    try {
      const folder = find();
      if (isAbsolute(folder)) return folder;
    } catch {
      // No answer: the next one is asked.
    }
  }
  return undefined;
}
