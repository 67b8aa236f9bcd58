/**
 * Figures of stories that a model works on at once: eight of them that have nothing to do with each
 * other, five calls each, a second a call, gates remembered, with one, two and four workers, and
 * without the flag. From the first question about a story to the end of the program.
 */
import { join } from "node:path";
import { bundle, ordered, root } from "./bundled.mjs";

const timeoutMs = 10 * 60_000;

/** Rows of `{name, value, unit, target}`. Throws when the trees differ. */
export async function benchParallel({ stories = 8, callMs = 1_000 } = {}) {
  const rows = await ordered(
    await bundle("parallel-run"),
    { program: join(root, "dist/main.js"), stories, callMs, workers: [null, 1, 2, 4] },
    timeoutMs,
  );
  if (new Set(rows.map(({ tree }) => tree)).size !== 1)
    throw new Error(`the trees differ: ${JSON.stringify(rows)}`);
  const [without, one, two, four] = rows.map(({ tookMs }) => tookMs);
  const name = (what) => `parallel: ${stories} stories, ${what}`;
  return [
    { name: name("without the flag"), value: without, unit: "ms" },
    { name: name("1 worker"), value: one, unit: "ms", target: without * 1.05 },
    { name: name(`2 workers (${(one / two).toFixed(2)} times as fast)`), value: two, unit: "ms" },
    {
      name: name(`4 workers (${(one / four).toFixed(2)} times as fast)`),
      value: four,
      unit: "ms",
      target: one / 3.2,
    },
    { name: name("of that gates, 1 worker"), value: rows[1].gatesMs, unit: "ms" },
    { name: name("of that gates, 4 workers"), value: rows[3].gatesMs, unit: "ms" },
  ];
}
