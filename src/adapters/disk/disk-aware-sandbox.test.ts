import { tmpdir } from "node:os";
import { expect, it } from "vitest";
import type { SandboxCommand } from "../../delivery/agent/sandbox.port.ts";
import type { ProcessEnd } from "../../kernel/process.ts";
import { createDiskAwareSandbox } from "./disk-aware-sandbox.ts";

const command: SandboxCommand = {
  command: ["npm", "test"],
  cwd: "/workspace",
  env: {},
  egress: { kind: "none" },
  limits: { timeoutMs: 1, maxOutputBytes: 1, maxProcesses: 1, maxDataBytes: 1, maxFileBytes: 1 },
  mounts: [],
};
const red: ProcessEnd = { kind: "exited", exitCode: 1 };

function run(folder: string, end: ProcessEnd, stderr = ""): Promise<unknown> {
  const sandbox = createDiskAwareSandbox(
    {
      backend: "bubblewrap",
      adopt: async () => undefined,
      run: async () => ({ end, stdout: "", stderr, durationMs: 1 }),
    },
    folder,
  );
  return sandbox.run(command);
}

// `/proc` has no room, ever.
it("a command that fails on a full disk is no failure of what it was run on", async () => {
  await expect(run("/proc", red)).rejects.toMatchObject({ code: "AUTOSD-DISK-FULL" });
  await expect(run("/proc", { kind: "signalled", signal: "SIGBUS" })).rejects.toMatchObject({
    folder: "/proc",
  });
});

it("a command that succeeds on a full disk has succeeded", async () => {
  expect(await run("/proc", { kind: "exited", exitCode: 0 })).toMatchObject({
    end: { exitCode: 0 },
  });
});

it("a command that fails with room has failed, whatever it says", async () => {
  expect(await run(tmpdir(), red, "ENOSPC: no space left on device")).toMatchObject({ end: red });
});
