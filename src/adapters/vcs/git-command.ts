import { dirname } from "node:path";
import { type AutosdError, DiskFullError } from "../../kernel/errors.ts";
import type { BranchPlace } from "../../delivery/agent/existing-repository.port.ts";
import type { ProcessResult, ProcessRunner } from "../../kernel/process.ts";
import { VcsError } from "./errors.ts";
import { fullFolder } from "./full-disk.ts";

export interface GitOptions {
  readonly runner: ProcessRunner;
  /** A folder of autosd's own (0700), for temporary indexes; created when missing. */
  readonly scratch: string;
  /** PATH on which git is found. */
  readonly searchPath: string;
  /** Absent: the branch that is checked out. */
  readonly branch?: BranchPlace;
}

/** One git command. Which repository it sees is always said, never discovered. */
export interface GitCall {
  readonly args: readonly string[];
  readonly gitDir: string;
  readonly cwd: string;
  readonly workTree?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly config?: readonly (readonly [key: string, value: string])[];
  readonly stdin?: string;
  /** Exit codes that are an answer; others are thrown. Default: 0. */
  readonly answers?: readonly number[];
  readonly pathspecs?: "literal" | "magic";
}

/** Where a command runs, without saying which. */
export type GitPlace = Omit<GitCall, "args">;

export interface GitAnswer {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

const timeoutMs = 120_000;
const maxOutputBytes = 128 * 1024 * 1024;

/** Nothing that a repository can configure may start a program, reach the network or change a file's bytes. */
const fixedConfig: readonly (readonly [string, string])[] = [
  ["core.fsmonitor", "false"],
  ["core.hooksPath", "/dev/null"],
  ["core.attributesFile", "/dev/null"],
  ["core.excludesFile", "/dev/null"],
  ["core.untrackedCache", "false"],
  ["core.splitIndex", "false"],
  ["core.autocrlf", "false"],
  ["core.protectHFS", "true"],
  ["core.protectNTFS", "true"],
  ["core.quotePath", "false"],
  ["core.sshCommand", "false"],
  ["core.pager", "cat"],
  // One flush for a whole snapshot instead of one a file.
  ["core.fsync", "committed"],
  ["core.fsyncMethod", "batch"],
  ["protocol.allow", "never"],
  ["protocol.ext.allow", "never"],
  ["protocol.file.allow", "never"],
  ["commit.gpgSign", "false"],
  ["log.showSignature", "false"],
  ["gc.auto", "0"],
  ["maintenance.auto", "false"],
  ["submodule.recurse", "false"],
  ["safe.directory", "*"],
];

const fixedEnvironment: Readonly<Record<string, string>> = {
  LC_ALL: "C",
  HOME: "/nonexistent",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_SYSTEM: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_ATTR_NOSYSTEM: "1",
  GIT_TERMINAL_PROMPT: "0",
  GIT_OPTIONAL_LOCKS: "0",
  GIT_NO_LAZY_FETCH: "1",
  GIT_NO_REPLACE_OBJECTS: "1",
  GIT_ALLOW_PROTOCOL: "none",
  GIT_EDITOR: "false",
  GIT_AUTHOR_NAME: "autosd",
  GIT_AUTHOR_EMAIL: "autosd@localhost",
  GIT_COMMITTER_NAME: "autosd",
  GIT_COMMITTER_EMAIL: "autosd@localhost",
};

/** Runs one git command. Throws VcsError for a missing git and for every exit code that is no answer. */
export async function runGit(options: GitOptions, call: GitCall): Promise<GitAnswer> {
  const config = [...fixedConfig, ...(call.config ?? [])];
  const result = await options.runner.run({
    command: [
      "git",
      ...config.flatMap(([key, value]) => ["-c", `${key}=${value}`]),
      "--no-pager",
      ...(call.pathspecs === "magic" ? [] : ["--literal-pathspecs"]),
      ...(call.gitDir === "" ? [] : [`--git-dir=${call.gitDir}`]),
      ...(call.workTree === undefined ? [] : [`--work-tree=${call.workTree}`]),
      ...call.args,
    ],
    cwd: call.cwd,
    env: { ...fixedEnvironment, PATH: options.searchPath, ...call.env },
    timeoutMs,
    maxOutputBytes,
    ...(call.stdin === undefined ? {} : { stdin: call.stdin }),
  });
  const exitCode = exitCodeOf(result, call);
  if (!(call.answers ?? [0]).includes(exitCode)) throw gitFailure(call, exitCode, result.stderr);
  if (result.stdout.length >= maxOutputBytes)
    throw new VcsError("AUTOSD-VCS-UNSUPPORTED", `${call.cwd} is too large a repository`);
  return { exitCode, stdout: result.stdout, stderr: result.stderr };
}

function exitCodeOf(result: ProcessResult, call: GitCall): number {
  const name = call.args[0] ?? "";
  switch (result.end.kind) {
    case "exited":
      return result.end.exitCode;
    case "not-started":
      if (/not found|ENOENT/.test(result.end.reason))
        throw new VcsError("AUTOSD-GIT-MISSING", `git cannot be started: ${result.end.reason}`);
      throw new VcsError("AUTOSD-VCS-FAILED", `git cannot be started: ${result.end.reason}`);
    case "timed-out":
      throw new VcsError("AUTOSD-VCS-FAILED", `git ${name} did not end within ${timeoutMs} ms`);
    case "signalled":
    case "cancelled":
      throw new VcsError("AUTOSD-VCS-FAILED", `git ${name} was ended before it was done`);
  }
}

/** The error of git's own words; LC_ALL=C makes them the same everywhere. */
export function gitFailure(call: GitCall, exitCode: number, stderr: string): AutosdError {
  const name = call.args[0] ?? "";
  const [first] = stderr.split("\n").filter((line) => line.trim() !== "");
  const words = (first ?? `exit code ${exitCode}`).replace(/^(fatal|error): /, "");
  const where = call.workTree ?? call.cwd;
  const message = `git ${name} failed in ${where}: ${words}`;
  const details = { command: name, exitCode, stderr: stderr.slice(0, 4_000) };
  const lock = /Unable to create '([^']+\.lock)': File exists/.exec(stderr);
  if (lock !== null)
    return new VcsError("AUTOSD-VCS-BUSY", message, {
      details,
      remedy: `Wait for the other git command; if none is running: rm '${lock[1] ?? ""}'`,
    });
  const full = fullFolder(stderr, writtenFolders(call));
  if (full !== undefined) return new DiskFullError(full, { details });
  if (/Read-only file system|Permission denied|insufficient permission/i.test(stderr))
    return new VcsError("AUTOSD-VCS-UNWRITABLE", message, { details });
  return new VcsError("AUTOSD-VCS-FAILED", message, { details });
}

/** Where a command may have written. */
function writtenFolders(call: GitCall): readonly string[] {
  const objects = call.env?.["GIT_OBJECT_DIRECTORY"];
  const index = call.env?.["GIT_INDEX_FILE"];
  const named = [call.workTree, call.gitDir, objects, index === undefined ? index : dirname(index)];
  return [call.cwd, ...named.filter((folder) => folder !== undefined)];
}

/** The parts of output that git separates by NUL. */
export function splitNul(text: string): readonly string[] {
  return text.split("\0").filter((part) => part !== "");
}
