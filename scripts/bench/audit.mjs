/**
 * Figures of the audit log: durable appends from one and from four processes, and the verification
 * of a whole log. Each program runs on its own, bundled once.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle, ordered } from "./bundled.mjs";

const timeoutMs = 20 * 60_000;

/** Rows of `{name, value, unit, target}`; `entries` is the size of the log that is verified. */
export async function benchAudit({ entries = 1_000_000, appends = 300 } = {}) {
  const program = await bundle("audit-log");
  const folder = await mkdtemp(join(tmpdir(), "autosd-bench-audit-"));
  try {
    const rows = [];
    for (const processes of [1, 4]) {
      const home = join(folder, `appends-${processes}`);
      const each = Math.ceil(appends / processes);
      const startedAt = performance.now();
      await Promise.all(
        Array.from({ length: processes }, () =>
          ordered(program, { task: "append", home, entries: each }, timeoutMs),
        ),
      );
      const perSecond = (each * processes) / ((performance.now() - startedAt) / 1_000);
      const name = `audit: durable appends, ${processes} process${processes === 1 ? "" : "es"}`;
      rows.push({ name, value: perSecond, unit: "per second" });
    }
    const home = join(folder, "large");
    await ordered(program, { task: "fill", home, entries }, timeoutMs);
    const { cpuMs, peakBytes, failures } = await ordered(
      program,
      { task: "verify", home, entries },
      timeoutMs,
    );
    if (failures > 0) throw new Error("the log of the benchmark does not hold");
    const label = entries.toLocaleString("en");
    const name = `audit verify of ${label} entries, CPU`;
    rows.push({ name, value: cpuMs, unit: "ms", target: entries / 100 });
    rows.push({ name: "audit verify, peak memory", value: peakBytes, unit: "bytes" });
    const rebuilt = await ordered(program, { task: "rebuild", home, entries }, timeoutMs);
    if (rebuilt.failures > 0) throw new Error("the state of the benchmark's log is not the same");
    rows.push({
      ...{ name: `audit: state of ${label} entries made anew, CPU`, unit: "ms" },
      value: rebuilt.cpuMs,
    });
    return rows;
  } finally {
    await rm(folder, { recursive: true });
    await rm(program, { force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const entries = Number(process.argv[2] ?? 1_000_000);
  for (const row of await benchAudit({ entries })) console.log(JSON.stringify(row));
}
