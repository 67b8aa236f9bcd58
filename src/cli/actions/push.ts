import type { ExitCode } from "../../kernel/errors.ts";
import { CliError } from "../errors.ts";
import { type Invocation, writeJson } from "../action.ts";
import { renderPush } from "../render/push.ts";
import { textOption } from "../typed-options.ts";

/** `autosd push`: the grant is the leave; nothing is asked. */
export async function push(invocation: Invocation): Promise<ExitCode> {
  const { options, context } = invocation;
  const project = textOption(options, "project");
  if (project === undefined)
    throw new CliError("AUTOSD-USAGE", "Name the project with --project.", {
      remedy: "autosd push --help",
    });
  const remote = textOption(options, "remote") ?? "origin";
  const engine = await invocation.engine();
  const result = await engine.push(
    {
      project,
      remote,
      branch: textOption(options, "branch") ?? null,
      grant: textOption(options, "preauthGrant") ?? null,
    },
    context.signal,
  );
  if (invocation.json) writeJson(invocation, result);
  else context.stdout.write(renderPush(result));
  return 0;
}
