import type { ExitCode } from "../../kernel/errors.ts";
import { type Invocation, writeJson } from "../action.ts";
import { CliError } from "../errors.ts";
import { renderHalt, renderResume } from "../render/halt.ts";
import { switchOption, textOption } from "../typed-options.ts";

/** `autosd halt`: never asks, since stopping is free. */
export async function haltProject(invocation: Invocation): Promise<ExitCode> {
  const { context, options } = invocation;
  const report = await (
    await invocation.engine()
  ).halts.halt({ project: projectOf(invocation), reason: textOption(options, "reason") ?? "" });
  if (invocation.json) writeJson(invocation, { schema: "autosd/halt-report@1", ...report });
  else context.stdout.write(renderHalt(report, context.stdout));
  return 0;
}

/** `autosd resume`: never asks, since an operator's signature is deliberate enough. */
export async function resumeProject(invocation: Invocation): Promise<ExitCode> {
  const { context, options } = invocation;
  const project = projectOf(invocation);
  const signer = textOption(options, "signer");
  const report = await (await invocation.engine()).halts.resume({ project, signer });
  if (invocation.json) writeJson(invocation, { schema: "autosd/resume-report@1", ...report });
  else context.stdout.write(renderResume(report, context.stdout));
  return 0;
}

function projectOf(invocation: Invocation): string {
  const project = textOption(invocation.options, "project");
  const all = switchOption(invocation.options, "all");
  if (project === undefined) return all ? "*" : refuse(invocation);
  return all ? refuse(invocation) : checked(project);
}

function checked(project: string): string {
  if (/^[a-z0-9][a-z0-9._-]{0,63}$/.test(project)) return project;
  throw new CliError("AUTOSD-USAGE", `${JSON.stringify(project)} is no project id.`, {
    remedy: "autosd projects list",
  });
}

function refuse({ command }: Invocation): never {
  throw new CliError("AUTOSD-USAGE", "Name one project with --project, or say --all.", {
    remedy: `autosd ${command} --help`,
  });
}
