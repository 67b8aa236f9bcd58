// What a sandbox costs a command that does nothing: without one, in one, and with an allow-list of hosts.
// Prints one JSON object of medians in milliseconds.
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createProcessRunner } from "../src/adapters/process/spawn-runner.ts";
import { systemClock } from "../src/adapters/process/system-clock.ts";
import { systemIds } from "../src/adapters/process/system-ids.ts";
import { createSandbox } from "../src/adapters/sandbox/create-sandbox.ts";
import type { Egress } from "../src/delivery/agent/sandbox.port.ts";

const orders = JSON.parse(process.argv[2] ?? "{}") as {
  readonly rounds: number;
  readonly searchPath: string;
};
const folder = await mkdtemp(join(tmpdir(), "autosd-bench-sandbox-"));
const workspace = await mkdtemp(join(folder, "workspace-"));
await chmod(workspace, 0o755);
const openSandbox = (preference: "auto" | "none") =>
  createSandbox({
    preference,
    runner: createProcessRunner(),
    autosdHome: join(folder, "home"),
    scratchDirectory: join(folder, "scratch"),
    clock: systemClock,
    ids: systemIds,
    // npm's settings are asked for once, before the allow-list is first used.
    environment: { PATH: orders.searchPath },
  });
const noHosts: Egress = { kind: "none" };
const someHosts: Egress = { kind: "allow-list", hosts: ["registry.example:443"] };
try {
  const [direct, boxed] = [await openSandbox("none"), await openSandbox("auto")];
  const sides = [
    { name: "direct", sandbox: direct, egress: noHosts, took: [] as number[] },
    { name: "boxed", sandbox: boxed, egress: noHosts, took: [] as number[] },
    { name: "allowed", sandbox: boxed, egress: someHosts, took: [] as number[] },
  ];
  // Side by side, so that whatever else the machine does befalls all alike; the first round warms up.
  for (let round = 0; round <= orders.rounds; round += 1)
    for (const { sandbox, egress, took } of sides) {
      const fromMs = performance.now();
      const { end } = await sandbox.run({
        command: ["/bin/sh", "-c", ":"],
        cwd: "/workspace",
        env: {},
        egress,
        mounts: [{ hostPath: workspace, path: "/workspace", mode: "read-write" }],
        limits: {
          timeoutMs: 60_000,
          maxOutputBytes: 4_096,
          maxProcesses: 64,
          maxDataBytes: 1024 ** 3,
          maxFileBytes: 1024 ** 2,
        },
      });
      if (end.kind !== "exited" || end.exitCode !== 0) throw new Error(JSON.stringify(end));
      if (round > 0) took.push(performance.now() - fromMs);
    }
  const median = (took: readonly number[]) => took.toSorted((a, b) => a - b)[took.length >> 1];
  const medians = sides.map(({ name, took }) => [name, median(took)] as const);
  process.stdout.write(JSON.stringify({ ...Object.fromEntries(medians), backend: boxed.backend }));
} finally {
  await rm(folder, { recursive: true, force: true });
}
