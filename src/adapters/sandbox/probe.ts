import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { release } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import type { SandboxBackend, SandboxProbe } from "../../delivery/agent/sandbox.port.ts";
import type { ProcessResult } from "../../kernel/process.ts";
import { removeFolder } from "../../machine/remove-folder.ts";
import { openBackend } from "./open-backend.ts";
import type { SandboxOptions } from "./options.ts";
import { placeFile } from "./place-file.ts";
import { probeScript, type ProbeFacts } from "./probe-script.ts";
import { remedyFor } from "./remedy.ts";

/** The backends that hold a command at all. */
export type WorkingBackend = Exclude<SandboxBackend, "none">;

const probeTimeoutMs = 20_000;
/** A machine changes under autosd: packages, kernel settings. A day is short, a run pays 150 ms once. */
const rememberedMs = 24 * 60 * 60 * 1_000;

/**
 * Starts the backend around a program that tries to break out, and says what it saw. Never rejects.
 * With `mayRemember` a success on this boot of this machine is not repeated for a day.
 */
export async function probeBackend(
  backend: WorkingBackend,
  options: SandboxOptions,
  how: { readonly mayRemember: boolean },
): Promise<SandboxProbe> {
  try {
    const memory = await probeMemory(backend, options);
    const remembered = how.mayRemember ? await memory.recall() : undefined;
    if (remembered !== undefined) return remembered;
    const probe = await execute(backend, options);
    if (probe.usable) await memory.keep(probe);
    return probe;
  } catch (error) {
    const finding = error instanceof Error ? error.message : "it could not be started";
    return { backend, usable: false, finding, remedy: await remedyFor(backend, finding) };
  }
}

async function execute(backend: WorkingBackend, options: SandboxOptions): Promise<SandboxProbe> {
  const folder = join(options.scratchDirectory, options.ids.next("probe"));
  const server = createServer((socket) => socket.destroy());
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const secret = join(folder, "secret");
    await writeFile(secret, "planted by autosd to see whether a sandbox hides it\n", {
      mode: 0o644,
    });
    const port = await listening(server);
    const seconds = `3600.${options.ids.next("probe").replace(/\D/g, "")}`;
    const sandbox = await openBackend(backend, options);
    const result = await sandbox.run({
      command: [
        options.execPath ?? process.execPath,
        "-e",
        probeScript,
        secret,
        String(port),
        seconds,
      ],
      cwd: "/tmp",
      env: {},
      egress: { kind: "none" },
      mounts: [],
      limits: {
        timeoutMs: probeTimeoutMs,
        maxOutputBytes: 100_000,
        maxProcesses: 128,
        maxDataBytes: 4 * 1024 ** 3,
        maxFileBytes: 1024 ** 2,
      },
    });
    const holes = [
      ...holesOf(result),
      ...((await isRunning(seconds)) ? ["a daemon outlived it"] : []),
    ];
    const usable = holes.length === 0;
    const finding = usable
      ? `holds: files, network, processes and privileges are out of reach (${Math.round(result.durationMs)} ms)`
      : holes.join("; ");
    return {
      backend,
      usable,
      finding,
      remedy: usable ? undefined : await remedyFor(backend, finding),
    };
  } finally {
    server.close();
    await removeFolder(folder);
  }
}

const factsSchema = z.object({
  secret: z.enum(["read", "hidden"]),
  host: z.enum(["reached", "unreachable"]),
  loopback: z.enum(["up", "down"]),
  corePattern: z.enum(["written", "refused"]),
  capabilities: z.string(),
  noNewPrivileges: z.boolean(),
  userId: z.number(),
  visibleProcesses: z.number(),
}) satisfies z.ZodType<ProbeFacts>;

function holesOf(result: ProcessResult): readonly string[] {
  if (result.end.kind !== "exited" || result.end.exitCode !== 0)
    return [`Node did not run inside: ${result.stderr.trim().slice(0, 300) || endOf(result.end)}`];
  return holesIn(factsSchema.parse(JSON.parse(result.stdout)));
}

function endOf(end: ProcessResult["end"]): string {
  switch (end.kind) {
    case "not-started":
      return end.reason;
    case "exited":
      return `it ended with exit code ${end.exitCode}`;
    case "signalled":
      return `it was ended by ${end.signal}`;
    default:
      return end.kind;
  }
}

/** What the facts of a probe say against the sandbox; empty when it holds. */
export function holesIn(facts: ProbeFacts): readonly string[] {
  const checks: readonly (readonly [boolean, string])[] = [
    [facts.secret === "read", "a file of the host can be read"],
    [facts.host === "reached", "a server of the host can be reached"],
    [facts.loopback === "down", "nothing listens on 127.0.0.1 inside"],
    [facts.corePattern === "written", "kernel settings can be written"],
    [/[1-9a-f]/.test(facts.capabilities), "the command keeps privileges"],
    [!facts.noNewPrivileges, "the command may gain privileges"],
    [facts.userId === 0, "the command runs as root"],
    [facts.visibleProcesses > 6, "processes of the host can be seen"],
  ];
  return checks.flatMap(([broken, text]) => (broken ? [text] : []));
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => resolve());
  });
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function isRunning(marker: string): Promise<boolean> {
  const names = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    names.map((name) => readFile(`/proc/${name}/cmdline`, "utf8").catch(() => "")),
  );
  return lines.some((line) => line.startsWith("sleep\0") && line.includes(marker));
}

const memorySchema = z.object({
  schema: z.literal("autosd/sandbox-probe@1"),
  machine: z.string(),
  atMs: z.number(),
  finding: z.string(),
});

/** Successes, kept in the scratch folder; anything unreadable or of another boot is forgotten. */
async function probeMemory(backend: WorkingBackend, options: SandboxOptions) {
  const folder = join(options.scratchDirectory, "system");
  const name = `probe-${backend}.json`;
  const boot = await readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => "");
  const program = await stat(`/usr/bin/${backend === "bubblewrap" ? "bwrap" : "unshare"}`).catch(
    () => undefined,
  );
  const user = `${process.getuid?.() ?? 0}:${options.userId ?? ""}`;
  const node = `${options.execPath ?? process.execPath} ${process.version}`;
  const facts = [boot.trim(), release(), node, user];
  const machine = [...facts, program?.mtimeMs ?? "elsewhere"].join(" ");
  return {
    async recall(): Promise<SandboxProbe | undefined> {
      const text = await readFile(join(folder, name), "utf8").catch(() => "");
      const found = memorySchema.safeParse(jsonOf(text)).data;
      if (found?.machine !== machine) return undefined;
      const ageMs = options.clock.now() - found.atMs;
      if (ageMs < 0 || ageMs > rememberedMs) return undefined;
      return { backend, usable: true, finding: found.finding, remedy: undefined };
    },
    async keep(probe: SandboxProbe): Promise<void> {
      const record: z.infer<typeof memorySchema> = {
        schema: "autosd/sandbox-probe@1",
        machine,
        atMs: options.clock.now(),
        finding: probe.finding,
      };
      const content = `${JSON.stringify(record)}\n`;
      await placeFile(folder, { name, content, mode: 0o600 });
    },
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
