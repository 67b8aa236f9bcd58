import {
  constants,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  realpath,
  rm,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ProcessRunner } from "../../kernel/process.ts";
import { createProcessRunner } from "../process/spawn-runner.ts";
import { systemClock } from "../process/system-clock.ts";
import { systemIds } from "../process/system-ids.ts";
import { createSandbox, probeSandboxes } from "./create-sandbox.ts";
import type { SandboxOptions } from "./options.ts";
import { openBackend } from "./open-backend.ts";
import { holesIn } from "./probe.ts";

let folder: string;
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "autosd-create-sandbox-")));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A machine on which some programs are missing. */
function without(...missing: readonly string[]): ProcessRunner & { readonly starts: () => number } {
  const real = createProcessRunner();
  let starts = 0;
  return {
    starts: () => starts,
    run(spec) {
      starts += 1;
      const [program, ...args] = spec.command.map((one) =>
        missing.includes(one) ? `no-such-${one}` : one,
      );
      return real.run({ ...spec, command: [program ?? "", ...args] });
    },
  };
}
const options = (runner: ProcessRunner, preference: SandboxOptions["preference"] = "auto") => ({
  preference,
  runner,
  autosdHome: folder,
  scratchDirectory: join(folder, "scratch"),
  clock: systemClock,
  ids: systemIds,
});

describe("choosing a sandbox", () => {
  it("refuses, with what to install, where none works; it never falls back to none", async () => {
    await expect(createSandbox(options(without("bwrap", "unshare")))).rejects.toMatchObject({
      code: "AUTOSD-SANDBOX-UNAVAILABLE",
      exitCode: 2,
      remedy: expect.stringContaining("apt-get install -y bubblewrap") as string,
    });
  });

  it("refuses a backend that was asked for by name and does not work", async () => {
    await expect(createSandbox(options(without("perl"), "unshare"))).rejects.toMatchObject({
      code: "AUTOSD-SANDBOX-UNAVAILABLE",
      remedy: expect.stringContaining("perl-base") as string,
    });
  });

  it("gives none only to who asks for it", async () => {
    expect((await createSandbox(options(without("bwrap", "unshare"), "none"))).backend).toBe(
      "none",
    );
  });

  it("shows the Node that runs autosd where the private /tmp would hide it, and nothing beside it", async () => {
    const bin = join(folder, "unpacked", "bin");
    await mkdir(bin, { recursive: true });
    const execPath = join(bin, "node");
    await copyFile(process.execPath, execPath, constants.COPYFILE_FICLONE);
    await writeFile(join(bin, "beside"), "");
    const sandboxes = await probeSandboxes({ ...options(createProcessRunner()), execPath });
    const usable = sandboxes.filter((one) => one.usable);
    // The machine decides which backends work at all, not where Node stands.
    const usual = await probeSandboxes(options(createProcessRunner()));
    expect(usable.map((one) => one.backend)).toEqual(
      usual.filter((one) => one.usable).map((one) => one.backend),
    );
    for (const { backend } of usable) {
      const sandbox = await openBackend(backend, {
        ...options(createProcessRunner(), backend),
        execPath,
      });
      const script =
        "console.log(process.execPath, fs.readdirSync(path.dirname(process.execPath)))";
      const result = await sandbox.run({
        command: ["node", "-e", script],
        cwd: "/tmp",
        env: {},
        egress: { kind: "none" },
        mounts: [],
        limits: {
          timeoutMs: 20_000,
          maxOutputBytes: 10_000,
          maxProcesses: 128,
          maxDataBytes: 4 * 1024 ** 3,
          maxFileBytes: 1024 ** 2,
        },
      });
      expect(result.stdout.trim(), result.stderr).toBe(`${execPath} [ 'node' ]`);
    }
  });

  it("says of every backend whether it holds", async () => {
    const probes = await probeSandboxes(options(without("bwrap", "perl")));
    expect(probes.map(({ backend, usable }) => [backend, usable])).toEqual([
      ["bubblewrap", false],
      ["unshare", false],
    ]);
    for (const probe of probes) expect(probe.remedy).toMatch(/apt-get install/);
  });

  it("does not repeat a probe that passed, and does repeat one that failed", async () => {
    const [probe] = (await probeSandboxes(options(without("bwrap")))).slice(1);
    expect(probe).toMatchObject({ backend: "unshare", usable: true });
    const runner = without();
    await createSandbox(options(runner, "unshare"));
    expect(runner.starts()).toBe(0);
    const broken = without("bwrap");
    await createSandbox(options(broken));
    await createSandbox(options(broken));
    expect(broken.starts()).toBe(2);
  });

  it("clears away what killed runs left in the scratch folder, and nothing that may still run", async () => {
    const runner = without();
    for (const name of ["box_old", "box_new", "attempts"])
      await mkdir(join(folder, "scratch", name), { recursive: true });
    const longAgo = new Date(Date.now() - 3 * 24 * 60 * 60 * 1_000);
    for (const name of ["box_old", "attempts"])
      await utimes(join(folder, "scratch", name), longAgo, longAgo);
    await createSandbox(options(runner, "none"));
    const left = await readdir(join(folder, "scratch"));
    expect(left.sort()).toEqual(["attempts", "box_new", "system"]);
  });
});

describe("the facts of a probe", () => {
  const holding = {
    secret: "hidden",
    host: "unreachable",
    loopback: "up",
    corePattern: "refused",
    capabilities: "0000000000000000 0000000000000000",
    noNewPrivileges: true,
    userId: 59_177,
    visibleProcesses: 3,
  } as const;

  it("speak for a sandbox that holds", () => {
    expect(holesIn(holding)).toEqual([]);
  });

  it.each([
    [{ secret: "read" as const }],
    [{ host: "reached" as const }],
    [{ loopback: "down" as const }],
    [{ corePattern: "written" as const }],
    [{ capabilities: "0000000000000000 000001ffffffffff" }],
    [{ noNewPrivileges: false }],
    [{ userId: 0 }],
    [{ visibleProcesses: 90 }],
  ])("speak against one with %j", (hole) => {
    expect(holesIn({ ...holding, ...hole })).toHaveLength(1);
  });
});
