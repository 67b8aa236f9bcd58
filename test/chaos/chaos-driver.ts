import { spawn } from "node:child_process";
import { once } from "node:events";
import type { ChaosResult } from "./chaos-flow.ts";

export type Mutant = "no-remembered-steps" | "no-intent-lookup";

/** What a worker process is told. */
export interface WorkerOrders {
  readonly home: string;
  readonly ledger: string;
  readonly runId: string;
  readonly mutant?: Mutant | undefined;
  /** The number of the mark at which it stands still until it is killed. */
  readonly standStillAt?: number | undefined;
}

/** When the driver kills: at a mark, or as soon as so many bytes of progress have come. */
export type KillPoint =
  | { readonly kind: "mark"; readonly number: number }
  | { readonly kind: "bytes"; readonly count: number };

export interface WorkerEnd {
  readonly isKilled: boolean;
  readonly marks: readonly string[];
  readonly result: ChaosResult | undefined;
}

const maxLifeMs = 60_000;

/** Runs a worker to its end or to its death. Throws when it fails by itself. */
export async function runWorker(
  program: string,
  orders: Omit<WorkerOrders, "standStillAt">,
  kill?: KillPoint,
): Promise<WorkerEnd> {
  const standStillAt = kill?.kind === "mark" ? kill.number : undefined;
  const child = spawn(process.execPath, [program, JSON.stringify({ ...orders, standStillAt })], {
    stdio: ["ignore", "pipe", "pipe"],
    timeout: maxLifeMs,
    killSignal: "SIGKILL",
  });
  let progress = "";
  let complaints = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    progress += chunk;
    const isDue =
      kill?.kind === "bytes" ? progress.length >= kill.count : progress.includes("\nSTILL\n");
    if (isDue) child.kill("SIGKILL");
  });
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    complaints += chunk;
  });
  const [exitCode, signal] = (await once(child, "close")) as [number | null, string | null];
  const lines = progress.split("\n");
  const resultLine = lines.find((line) => line.startsWith("RESULT "));
  if (exitCode !== 0 && signal !== "SIGKILL")
    throw new Error(`worker ended with ${String(exitCode ?? signal)}: ${complaints}`);
  if (kill === undefined && signal !== null) throw new Error("worker took too long");
  return {
    isKilled: signal === "SIGKILL",
    marks: lines.filter((line) => line.startsWith("MARK ")).map((line) => line.slice(5)),
    result:
      resultLine === undefined
        ? undefined
        : (JSON.parse(resultLine.slice("RESULT ".length)) as ChaosResult),
  };
}
