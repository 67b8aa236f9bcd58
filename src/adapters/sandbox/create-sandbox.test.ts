import { mkdir, mkdtemp, readdir, realpath, rm, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ProcessRunner } from "../../kernel/process.ts";
import { createProcessRunner } from "../process/spawn-runner.ts";
import { systemClock } from "../process/system-clock.ts";
import { systemIds } from "../process/system-ids.ts";
import { createSandbox, probeSandboxes } from "./create-sandbox.ts";
import type { SandboxOptions } from "./options.ts";
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
