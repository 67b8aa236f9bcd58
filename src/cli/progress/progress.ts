import type { CliContext } from "../context.ts";
import { createLiveProgress } from "./live.ts";
import { createPlainProgress } from "./plain.ts";
import type { Progress } from "./shown.ts";

/** Progress on stderr: live lines on a terminal that understands them, plain lines otherwise. */
export function startProgress(context: CliContext): Progress {
  return context.stderr.canRepaint ? createLiveProgress(context) : createPlainProgress(context);
}
