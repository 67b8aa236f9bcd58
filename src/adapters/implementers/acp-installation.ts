import { access, constants, realpath, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, delimiter, dirname, join, sep } from "node:path";
import { AgentError } from "../../delivery/agent/acp/errors.ts";
import type { SandboxMount } from "../../delivery/agent/sandbox.port.ts";

/** An agent's program and what of this machine it has to see. */
export interface AgentInstallation {
  /** The command with its program as an absolute path. */
  readonly command: readonly [string, ...string[]];
  /** Read-only, each where it is on the machine. */
  readonly mounts: readonly SandboxMount[];
}

/** Every sandbox shows these anyway. */
const systemFolders = ["/usr", "/bin", "/sbin", "/lib", "/lib64"];
/** Programs whose first argument is the program that is meant. */
const interpreters = /^(?:node|nodejs|bun|deno|python[0-9.]*|perl|ruby|sh|bash)$/;
const maxParents = 32;

/**
 * Finds the program on `searchPath` and the folders that it was installed into. Throws
 * AUTOSD-AGENT-MISSING when it is not there or may not be executed.
 */
export async function findInstallation(
  command: readonly string[],
  options: { readonly searchPath: string; readonly readFolders: readonly string[] },
): Promise<AgentInstallation> {
  const [named = "", ...args] = command;
  const program = await realpath(await programOf(named, options.searchPath));
  const isInterpreter = interpreters.test(basename(program)) || interpreters.test(basename(named));
  const at = isInterpreter ? args.findIndex((one) => one.startsWith("/")) : -1;
  const script = at === -1 ? undefined : await scriptAt(args[at] ?? "");
  const folders = [isInterpreter ? program : await packageOf(program)];
  if (script !== undefined) folders.push(await packageOf(script));
  for (const folder of options.readFolders) folders.push(await readFolder(folder));
  return {
    // By its real path: what lies beside it is found from there, and no link has to be shown.
    command: [program, ...args.map((one, index) => (index === at ? (script ?? one) : one))],
    mounts: mountsOf(folders),
  };
}

async function readFolder(folder: string): Promise<string> {
  return realpath(folder).catch((error: unknown) => {
    throw missing(`${folder}, which --agent-read-dir names, is not there`, error);
  });
}

async function programOf(named: string, searchPath: string): Promise<string> {
  const folders = searchPath.split(delimiter).filter((one) => one.startsWith("/"));
  const places = named.includes("/") ? [named] : folders.map((folder) => join(folder, named));
  for (const place of places)
    if (place.startsWith("/") && (await isExecutable(place))) return place;
  throw missing(
    named.includes("/") && !named.startsWith("/")
      ? `${named} is a relative path; name the agent's program by its absolute path or by its name alone`
      : `${named === "" ? "the agent's command" : named} is not there, or may not be executed`,
  );
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

/** `node /home/me/agent/main.js`: what is meant is the script. */
async function scriptAt(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    throw missing(`${path} is not there`, error);
  }
}

/** The outermost `node_modules`, for what lies side by side in it; else the folder of its package.json; else the file. */
async function packageOf(real: string): Promise<string> {
  const parts = real.split(sep);
  const modules = parts.indexOf("node_modules");
  if (modules > 0) return parts.slice(0, modules + 1).join(sep);
  const home = await realpath(homedir()).catch(() => homedir());
  let folder = dirname(real);
  for (let up = 0; up < maxParents && folder !== dirname(folder) && folder !== home; up += 1) {
    const found = await stat(join(folder, "package.json")).catch(() => undefined);
    if (found?.isFile() === true) return folder;
    folder = dirname(folder);
  }
  return real;
}

function mountsOf(paths: readonly string[]): readonly SandboxMount[] {
  const shown: SandboxMount[] = [];
  for (const path of [...new Set(paths)].sort()) {
    const isShown = [...systemFolders, ...shown.map((one) => one.path)].some((one) =>
      isBelow(path, one),
    );
    if (!isShown) shown.push({ hostPath: path, path, mode: "read-only" });
  }
  return shown;
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

function missing(message: string, cause?: unknown): AgentError {
  return new AgentError("AUTOSD-AGENT-MISSING", message, { cause });
}
