/**
 * Loaded before the program with `--import`: writes the peak resident set of this process, in bytes,
 * to the file named by AUTOSD_BENCH_PEAK_FILE when the process ends.
 */
import { writeFileSync } from "node:fs";

process.on("exit", () => {
  const file = process.env.AUTOSD_BENCH_PEAK_FILE;
  // Kilobytes on Linux and macOS alike: Node makes them equal.
  if (file !== undefined) writeFileSync(file, String(process.resourceUsage().maxRSS * 1024));
});
