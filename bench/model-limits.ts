// Two processes with four workers each against a real server that lets ten requests through in each
// window: how long a number of calls takes, and how long it would at the least. Prints one JSON object.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { say } from "../test/support/model-server/script.ts";
import { startModelServer } from "../test/support/model-server/server.ts";

const orders = JSON.parse(process.argv[2] ?? "{}") as {
  readonly worker: string;
  readonly calls: number;
};
const limit = 10;
const windowMs = 1_500;
const processes = 2;
const folder = await mkdtemp(join(tmpdir(), "autosd-bench-limits-"));
const server = await startModelServer(() => say("hi"), {
  limits: { requests: { limit, windowMs, shape: "window" } },
});
try {
  const answers = orders.calls / processes;
  const told = JSON.stringify({ url: server.url, folder, workers: 4, answers });
  const ends = Array.from({ length: processes }, () =>
    once(spawn(process.execPath, [orders.worker, told], { stdio: "ignore" }), "close"),
  );
  const codes = (await Promise.all(ends)).map(([code]) => code as number);
  if (codes.some((code) => code !== 0))
    throw new Error(`the workers ended with ${codes.join(", ")}`);
  const [first, last] = [server.ledger.entries.at(0), server.ledger.entries.at(-1)];
  process.stdout.write(
    JSON.stringify({
      tookMs: (last?.atMs ?? 0) - (first?.atMs ?? 0),
      idealMs: (orders.calls / limit - 1) * windowMs,
      refused: server.ledger.refused.length,
    }),
  );
} finally {
  await server.close();
  await rm(folder, { recursive: true, force: true });
}
