import { mkdir, open, rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import type { DoctorCheck } from "../../engine/ports/doctor.port.ts";
import type { ProcessRunner } from "../../kernel/process.ts";
import { messageOf } from "../../kernel/thrown.ts";

const minimumNode = [20, 19] as const;
const probeTimeoutMs = 10_000;
const lowDiskBytes = 1024 ** 3;

/** Node is new enough; always true where the launcher was used, not where a package manager linked the binary. */
export async function probeNode(version: string): Promise<readonly DoctorCheck[]> {
  const [major = 0, minor = 0] = version.replace(/^v/, "").split(".").map(Number);
  const ok = major > minimumNode[0] || (major === minimumNode[0] && minor >= minimumNode[1]);
  return [
    {
      name: "node",
      required: true,
      ok,
      finding: `Node.js ${version}`,
      remedy: ok ? undefined : `Install Node.js ${minimumNode.join(".")} or newer.`,
    },
  ];
}

/** A program answers `--version`. */
export function probeProgram(
  runner: ProcessRunner,
  program: { readonly name: string; readonly install: string; readonly path: string },
): () => Promise<readonly DoctorCheck[]> {
  return async () => {
    const result = await runner.run({
      command: [program.name, "--version"],
      cwd: "/",
      env: { PATH: program.path, LC_ALL: "C" },
      timeoutMs: probeTimeoutMs,
      maxOutputBytes: 4096,
    });
    const ok = result.end.kind === "exited" && result.end.exitCode === 0;
    const [line = ""] = result.stdout.trim().split("\n");
    return [
      {
        name: program.name,
        required: true,
        ok,
        finding: ok ? line : `${program.name} does not run`,
        remedy: ok ? undefined : program.install,
      },
    ];
  };
}

/** AUTOSD_HOME takes a file, and its disk has room for dependency stores. */
export function probeHome(home: string): () => Promise<readonly DoctorCheck[]> {
  return async () => {
    const file = join(home, `.doctor-${process.pid}`);
    try {
      await mkdir(home, { recursive: true, mode: 0o700 });
      const handle = await open(file, "w", 0o600);
      await handle.write("probe");
      await handle.sync();
      await handle.close();
    } catch (error) {
      const reason = messageOf(error);
      const remedy = "Set AUTOSD_HOME to a folder that you can write.";
      return [{ name: "home", required: true, ok: false, finding: `${home}: ${reason}`, remedy }];
    } finally {
      await rm(file, { force: true }).catch(() => undefined);
    }
    const disk = await statfs(home);
    const freeBytes = disk.bavail * disk.bsize;
    const free = `${(freeBytes / 1024 ** 3).toFixed(1)} GiB free`;
    return [
      { name: "home", required: true, ok: true, finding: `${home} is writable`, remedy: undefined },
      {
        name: "disk",
        required: false,
        ok: freeBytes >= lowDiskBytes,
        finding: `${free} where ${home} is`,
        remedy: freeBytes >= lowDiskBytes ? undefined : "Free at least 1 GiB.",
      },
    ];
  };
}
