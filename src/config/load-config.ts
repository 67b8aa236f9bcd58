import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, statSync } from "node:fs";
import { homedir, userInfo } from "node:os";
import { dirname, join } from "node:path";
import { strictUtf8 } from "../kernel/strict-utf8.ts";
import { messageOf } from "../kernel/thrown.ts";
import { ConfigError } from "./errors.ts";
import { firstFolder } from "./first-folder.ts";
import {
  resolveConfig,
  resolveHome,
  type ConfigFile,
  type ResolvedConfig,
} from "./resolve-config.ts";

/** Far more than the options can fill; keeps a wrong file from being read whole. */
const maxFileBytes = 262_144;

export interface LoadOptions {
  /** What the command line gave, by option name. */
  readonly flags: Readonly<Record<string, unknown>>;
  /** Default: the environment of this process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Absolute path of the project that the command works on; undefined when there is none. */
  readonly projectFolder?: string | undefined;
  /** Default: the current folder of this process. */
  readonly workingFolder?: string;
  /** Default: the home folder of the user. */
  readonly userHome?: string;
}

/**
 * The configuration of this invocation, from flags, environment and the files
 * `<project>/.autosd/config.json` and `<home>/config.json`, which may be missing. Throws ConfigError.
 */
export function loadConfig(options: LoadOptions): ResolvedConfig {
  const given = {
    flags: options.flags,
    env: options.env ?? process.env,
    workingFolder: options.workingFolder ?? firstFolder([() => process.cwd()]),
    userHome: options.userHome ?? firstFolder([homedir, () => userInfo().homedir]),
  };
  const home = resolveHome(given);
  refuseOccupied(home);
  const project =
    options.projectFolder === undefined
      ? undefined
      : readProjectFile(join(options.projectFolder, ".autosd"));
  return resolveConfig({ ...given, project, home: readConfigFile(join(home, "config.json")) });
}

function refuseOccupied(home: string): void {
  const stats = statSync(home, { throwIfNoEntry: false });
  if (stats === undefined || stats.isDirectory()) return;
  throw new ConfigError("AUTOSD-CONFIG-INVALID", `AUTOSD_HOME: ${home} is not a folder`, {
    remedy: "Set AUTOSD_HOME to a folder of its own, or unset it to use ~/.autosd.",
  });
}

/** A project can come from anybody: a link in it would have other people's files read and quoted. */
function readProjectFile(folder: string): ConfigFile | undefined {
  const file = join(folder, "config.json");
  for (const path of [folder, file])
    if (isLink(path)) throw unreadable(path, "is a symbolic link, which is not followed");
  return readConfigFile(file);
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink();
  } catch {
    // What is not there or hidden is judged where it is read.
    return false;
  }
}

function readConfigFile(file: string): ConfigFile | undefined {
  const text = readText(file);
  if (text === undefined) return undefined;
  let content: unknown;
  try {
    content = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    const reason = messageOf(error);
    throw unreadable(file, `is not JSON: ${reason}`, error);
  }
  if (!isRecord(content)) throw unreadable(file, "is not a JSON object");
  return { file, folder: dirname(file), content };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function readText(file: string): string | undefined {
  let descriptor: number;
  try {
    // O_NONBLOCK: a named pipe in its place is refused below instead of waited for.
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw unreadable(file, `cannot be read: ${messageOf(error)}`, error);
  }
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) throw unreadable(file, "is not a file");
    if (stats.size > maxFileBytes) throw unreadable(file, `is larger than ${maxFileBytes} bytes`);
    const bytes = Buffer.alloc(maxFileBytes);
    const length = readSync(descriptor, bytes, 0, maxFileBytes, 0);
    const text = strictUtf8(bytes.subarray(0, length), "dropped");
    if (text === undefined) throw unreadable(file, "is not UTF-8 text");
    return text;
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw unreadable(file, `cannot be read: ${messageOf(error)}`, error);
  } finally {
    closeSync(descriptor);
  }
}

function isMissing(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ENOENT" || code === "ENOTDIR";
}

function unreadable(file: string, reason: string, cause?: unknown): ConfigError {
  return new ConfigError("AUTOSD-CONFIG-UNREADABLE", `${file} ${reason}`, { cause });
}
