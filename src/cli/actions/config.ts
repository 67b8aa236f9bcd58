import { describeConfig } from "../../config/describe-config.ts";
import { redactValue } from "../../kernel/redaction.ts";
import type { ExitCode } from "../../kernel/errors.ts";
import { type Invocation, writeJson } from "../action.ts";
import { projectDirectory } from "../project-option.ts";
import { renderConfig } from "../render/config.ts";

/** `autosd config show`. */
export async function showConfig(invocation: Invocation): Promise<ExitCode> {
  const { context } = invocation;
  const config = await invocation.configure({}, await projectDirectory(invocation));
  const lines = describeConfig(config).map((line) => ({ ...line, value: redactValue(line.value) }));
  if (invocation.json) writeJson(invocation, { schema: "autosd/config@1", options: lines });
  else context.stdout.write(renderConfig(lines, context.stdout));
  return 0;
}
