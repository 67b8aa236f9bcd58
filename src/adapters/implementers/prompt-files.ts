import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { ModelError } from "../../delivery/agent/model/errors.ts";

/** A versioned prompt template: `implement@1` and its text. */
export interface PromptTemplate {
  readonly id: string;
  readonly text: string;
}

/**
 * The newest version of a prompt, `<folder>/<name>/<version>.md`, of the first folder that has any:
 * a project's own before the home folder's before the package's.
 */
export async function readPrompt(
  folders: readonly string[],
  name: string,
): Promise<PromptTemplate> {
  for (const folder of folders) {
    const names = await readdir(join(folder, name)).catch(() => []);
    const versions = names.flatMap((one) => {
      const version = /^([1-9]\d{0,5})\.md$/.exec(one)?.[1];
      return version === undefined ? [] : [Number(version)];
    });
    const newest = Math.max(0, ...versions);
    if (newest === 0) continue;
    const text = await readFile(join(folder, name, `${newest}.md`), "utf8");
    return { id: `${name}@${newest}`, text: text.trim() };
  }
  throw new ModelError("AUTOSD-MODEL-UNCONFIGURED", `there is no prompt template "${name}"`, {
    remedy: "Install autosd again: its templates are missing.",
  });
}
