import { resolve } from "node:path";
import { AutosdError } from "../kernel/errors.ts";
import type { Invocation } from "./action.ts";
import { CliError } from "./errors.ts";
import { textOption } from "./typed-options.ts";

/** A word that can only be a folder: it has a separator, or begins with a dot or a tilde. */
const folderLike = /[/\\]|^[.~]/;

/**
 * The folder of the project that the command is about: `--output-dir`, else `--project` as a folder
 * or as an id of the portfolio, else the current folder. A word that is no known id is a folder.
 */
export async function projectDirectory(invocation: Invocation): Promise<string> {
  const { cwd } = invocation.context;
  const folder = textOption(invocation.options, "outputDir");
  const project = textOption(invocation.options, "project");
  if (folder !== undefined && project !== undefined) {
    throw new CliError("AUTOSD-USAGE", "--project and --output-dir exclude each other.", {
      remedy: `autosd ${invocation.command} --help`,
    });
  }
  if (folder !== undefined) return resolve(cwd, folder);
  if (project === undefined) return cwd;
  if (folderLike.test(project)) return resolve(cwd, project);
  return (await directoryOfId(invocation, project)) ?? resolve(cwd, project);
}

async function directoryOfId(invocation: Invocation, id: string): Promise<string | undefined> {
  const engine = await invocation.engine();
  try {
    return (await engine.projects.show(id)).directory;
  } catch (error) {
    if (error instanceof AutosdError && error.code === "AUTOSD-PROJECT-UNKNOWN") return undefined;
    throw error;
  }
}
