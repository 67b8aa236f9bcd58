import { openBackend } from "../../../src/adapters/sandbox/open-backend.ts";
import { sandboxOptions } from "./harness.ts";

/** A program of its own that is killed while its sandbox runs: `<backend> <folder> <marker>`. */
const [backend = "", folder = "", marker = ""] = process.argv.slice(2);
if (backend !== "bubblewrap" && backend !== "unshare") throw new Error(`no backend ${backend}`);
const sandbox = await openBackend(backend, sandboxOptions(folder, backend));
await sandbox.run({
  command: ["/bin/sh", "-c", `trap '' TERM HUP; setsid sleep ${marker} & sleep ${marker}; wait`],
  cwd: "/tmp",
  env: {},
  egress: { kind: "none" },
  limits: {
    timeoutMs: 120_000,
    maxOutputBytes: 1_000,
    maxProcesses: 50,
    maxDataBytes: 1024 ** 3,
    maxFileBytes: 1024 ** 2,
  },
  mounts: [],
});
