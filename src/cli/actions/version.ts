import type { ExitCode } from "../../kernel/errors.ts";
import { type Invocation, writeJson } from "../action.ts";

/** `autosd version`. */
export async function showVersion(invocation: Invocation): Promise<ExitCode> {
  const { version, runtime, stdout } = invocation.context;
  if (invocation.json) writeJson(invocation, { schema: "autosd/version@1", version, runtime });
  else stdout.write(`autosd ${version} (${runtime})\n`);
  return 0;
}
