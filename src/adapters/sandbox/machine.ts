import { access, constants, mkdir, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { removeFolder } from "../../machine/remove-folder.ts";
import type { SandboxOptions } from "./options.ts";
import { placeFile } from "./place-file.ts";
import type { Identity, ViewStep } from "./plan.ts";
import { stageScript } from "./stage-script.ts";
import { systemCallFilter } from "./system-call-filter.ts";
import { nodeView, systemView } from "./system-view.ts";
import { forwarderScript } from "./egress/forwarder-script.ts";
import { quickForwarderScript } from "./egress/quick-forwarder-script.ts";

/** Outside all ranges that distributions hand out. */
const defaultUserId = 59_177;

/** The hard limits of this process, which no sandbox can lift; `Infinity` where there is none. */
export interface HardLimits {
  readonly processes: number;
  readonly dataBytes: number;
  readonly fileBytes: number;
  readonly openFiles: number;
}

/** What is the same for every command on this machine, found out once. */
export interface Machine {
  readonly architecture: string;
  readonly execPath: string;
  readonly identity: Identity;
  readonly system: readonly ViewStep[];
  /** Node where it is not part of the system. */
  readonly node: readonly ViewStep[];
  readonly stageScript: string;
  readonly forwarderScript: string;
  readonly quickForwarderScript: string;
  readonly filter: Uint8Array | undefined;
  readonly filterFile: string;
  readonly procEntries: readonly string[];
  /** The shell that starts sandboxes; bash can close any file, others one-digit ones. */
  readonly shell: readonly [string, ...string[]];
  readonly hardLimits: HardLimits;
}

/** Looks at the machine and writes the files that sandboxes are built with into the scratch folder. */
export async function inspectMachine(options: SandboxOptions): Promise<Machine> {
  const folder = join(options.scratchDirectory, "system");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await sweep(options);
  const identity = identityOf(options.userId ?? defaultUserId);
  const execPath = options.execPath ?? process.execPath;
  const filter = systemCallFilter(process.arch);
  const place = (name: string, content: string | Uint8Array, mode: number): Promise<string> =>
    placeFile(folder, { name, content, mode });
  return {
    architecture: process.arch,
    execPath,
    identity,
    system: await systemView({ folder, identity }),
    node: await nodeView(execPath),
    stageScript: await place("stage.pl", stageScript, 0o600),
    forwarderScript: await place("forwarder.cjs", forwarderScript, 0o644),
    quickForwarderScript: await place("forwarder.pl", quickForwarderScript, 0o644),
    filter,
    filterFile: await place("filter.bpf", filter ?? new Uint8Array(), 0o600),
    shell: await startingShell(),
    procEntries: await readdir("/proc").catch(() => []),
    hardLimits: parseHardLimits(await readFile("/proc/self/limits", "utf8").catch(() => "")),
  };
}

/** No command runs that long; a kill -9 of autosd leaves the folder of a run behind. */
const abandonedMs = 2 * 24 * 60 * 60 * 1_000;
const maxSwept = 1_000;

async function sweep(options: SandboxOptions): Promise<void> {
  const names = await readdir(options.scratchDirectory);
  for (const name of names.filter((one) => /^(box|probe)_/.test(one)).slice(0, maxSwept)) {
    const path = join(options.scratchDirectory, name);
    const found = await stat(path).catch(() => undefined);
    if (found !== undefined && options.clock.now() - found.mtimeMs > abandonedMs)
      await removeFolder(path);
  }
}

async function startingShell(): Promise<readonly [string, ...string[]]> {
  try {
    await access("/bin/bash", constants.X_OK);
    // bash reads the operator's start file when its input is a socket, as Node's pipes are.
    return ["/bin/bash", "--norc", "--noprofile"];
  } catch {
    return ["/bin/sh"];
  }
}

function identityOf(ownUserId: number): Identity {
  const uid = process.getuid?.() ?? 0;
  const gid = process.getgid?.() ?? 0;
  return uid === 0 ? { uid: ownUserId, gid: ownUserId, drop: true } : { uid, gid, drop: false };
}

/** Reads `/proc/self/limits`. */
export function parseHardLimits(text: string): HardLimits {
  const hard = (name: string): number => {
    const line = text.split("\n").find((one) => one.startsWith(name));
    const value = line?.slice(name.length).trim().split(/\s+/)[1];
    return value === undefined || value === "unlimited" ? Infinity : Number(value);
  };
  return {
    processes: hard("Max processes"),
    dataBytes: hard("Max data size"),
    fileBytes: hard("Max file size"),
    openFiles: hard("Max open files"),
  };
}
