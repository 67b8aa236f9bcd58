import type { ExitCode } from "../../kernel/errors.ts";
import { type Invocation, writeJson } from "../action.ts";
import { renderDoctor } from "../render/doctor.ts";

/** `autosd doctor`: exit 2 when something is missing without which the main job cannot run. */
export async function doctor(invocation: Invocation): Promise<ExitCode> {
  const { context } = invocation;
  const checks = await (await invocation.engine()).doctor();
  const ready = checks.every((check) => check.ok || !check.required);
  if (invocation.json) writeJson(invocation, { schema: "autosd/doctor@1", ready, checks });
  else context.stdout.write(renderDoctor(checks, context.stdout));
  return ready ? 0 : 2;
}
