import { readdirSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, realpath, rm, chmod } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../../src/adapters/process/system-clock.ts";
import { systemIds } from "../../../src/adapters/process/system-ids.ts";
import { createProcessRunner } from "../../../src/adapters/process/spawn-runner.ts";
import type { SandboxOptions } from "../../../src/adapters/sandbox/options.ts";
import { openBackend } from "../../../src/adapters/sandbox/open-backend.ts";
import type { SandboxHarness } from "../../../src/delivery/agent/sandbox.contract.ts";
import type { SandboxBackend } from "../../../src/delivery/agent/sandbox.port.ts";

/** A fresh folder that other users may pass through, so that only the sandbox hides what is in it. */
export async function temporaryFolder(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "autosd-sandbox-")));
  await chmod(folder, 0o755);
  return folder;
}

export function sandboxOptions(
  folder: string,
  preference: SandboxOptions["preference"],
): SandboxOptions {
  return {
    preference,
    runner: createProcessRunner({ killGraceMs: 200 }),
    autosdHome: join(folder, "autosd-home"),
    scratchDirectory: join(folder, "autosd-home", "scratch"),
    clock: systemClock,
    ids: systemIds,
    environment: process.env,
  };
}

/** A backend in a fresh folder, without a look at its probe. */
export async function openHarness(backend: SandboxBackend): Promise<SandboxHarness> {
  const folder = await temporaryFolder();
  const options = sandboxOptions(folder, backend);
  await mkdir(options.autosdHome, { mode: 0o755 });
  return {
    sandbox: await openBackend(backend, options),
    folder,
    autosdHome: options.autosdHome,
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Host ids of living processes that have `marker` in their command line. */
export function processesWith(marker: string): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => {
      try {
        return readFileSync(`/proc/${name}/cmdline`, "latin1").includes(marker);
      } catch {
        return false;
      }
    })
    .map(Number);
}
