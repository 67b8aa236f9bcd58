import type { Observer, RunResult } from "../../engine/autosd.ts";
import type { ExitCode } from "../../kernel/errors.ts";
import { type Invocation, writeJson } from "../action.ts";
import { startProgress } from "../progress/progress.ts";
import { renderSummary } from "../render/summary.ts";

/** Work that ends in a run result. */
export type Work = (observe: Observer, signal: AbortSignal) => Promise<RunResult>;

const stopping = "stopping where it can be resumed; Ctrl-C again stops at once";

/** Shows how the work goes on, then its result; the exit code is the result's. */
export async function follow(invocation: Invocation, work: Work): Promise<ExitCode> {
  const { context } = invocation;
  const progress = startProgress(context);
  const announceStop = () => progress.observe({ kind: "notice", message: stopping });
  context.signal.addEventListener("abort", announceStop, { once: true });
  let result: RunResult;
  try {
    result = await work(progress.observe, context.signal);
  } finally {
    context.signal.removeEventListener("abort", announceStop);
    progress.close();
  }
  if (invocation.json) writeJson(invocation, result);
  else context.stdout.write(renderSummary(result, context.stdout));
  return result.exitCode;
}
