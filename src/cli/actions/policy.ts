import { privilegedActions } from "../../engine/autosd.ts";
import type { ExitCode } from "../../kernel/errors.ts";
import { type Invocation, writeJson } from "../action.ts";
import { chosenEnvironment } from "../environment-option.ts";
import { CliError } from "../errors.ts";
import {
  renderCheck,
  renderExplanation,
  renderPolicy,
  renderReplay,
  renderTest,
} from "../render/policy.ts";
import { choiceOption, textOption } from "../typed-options.ts";

const microusd = 1_000_000;

/** `autosd policy show`: exit 2 when the policy cannot be used. */
export async function showPolicy(invocation: Invocation): Promise<ExitCode> {
  const { context, options } = invocation;
  const view = await (
    await invocation.engine()
  ).policy.show({
    ...whereOf(invocation),
    grant: textOption(options, "preauthGrant"),
    environment: chosenEnvironment(options, "env"),
  });
  if (invocation.json) writeJson(invocation, view);
  else context.stdout.write(renderPolicy(view, context.stdout));
  return view.findings.length === 0 ? 0 : 2;
}

/** `autosd policy explain`: exit 3 when it would be refused. */
export async function explainPolicy(invocation: Invocation): Promise<ExitCode> {
  const { context, options } = invocation;
  const action = choiceOption(options, "action", privilegedActions);
  if (action === undefined) throw new CliError("AUTOSD-USAGE", "Name the action with --action.");
  const explanation = await (
    await invocation.engine()
  ).policy.explain({
    ...whereOf(invocation),
    action,
    environment: chosenEnvironment(options, "env"),
    target: textOption(options, "target"),
    commit: matching(options, "commit", /^([0-9a-f]{40}|[0-9a-f]{64})$/),
    artifact: matching(options, "artifact", /^sha256:[0-9a-f]{64}$/),
    grant: textOption(options, "preauthGrant"),
    ceilingMicrousd: spendOf(options),
  });
  if (invocation.json) writeJson(invocation, explanation);
  else context.stdout.write(renderExplanation(explanation, context.stdout));
  return explanation.decision === "allow" ? 0 : 3;
}

/** `autosd policy test`: exit 4 when a case comes out differently. */
export async function testPolicy(invocation: Invocation): Promise<ExitCode> {
  const { context } = invocation;
  const [file = ""] = invocation.positionals;
  const report = await (await invocation.engine()).policy.test({ ...whereOf(invocation), file });
  if (invocation.json) writeJson(invocation, report);
  else context.stdout.write(renderTest(report, context.stdout));
  return report.failed === 0 ? 0 : 4;
}

/** `autosd policy replay`: exit 6 when the decision comes out differently. */
export async function replayPolicy(invocation: Invocation): Promise<ExitCode> {
  const { context } = invocation;
  const [text = ""] = invocation.positionals;
  if (!/^[0-9]{1,15}$/.test(text))
    throw new CliError("AUTOSD-USAGE", `${JSON.stringify(text)} is no number of an entry.`);
  const replay = await (await invocation.engine()).policy.replay(Number(text));
  if (invocation.json) writeJson(invocation, replay);
  else context.stdout.write(renderReplay(replay, context.stdout));
  return replay.same ? 0 : 6;
}

/** `autosd policy check`: exit 2 when something is wrong. */
export async function checkPolicy(invocation: Invocation): Promise<ExitCode> {
  const { context } = invocation;
  const [file = ""] = invocation.positionals;
  const { findings } = await (await invocation.engine()).policy.check(file);
  const document = { schema: "autosd/policy-check@1", file, ok: findings.length === 0, findings };
  if (invocation.json) writeJson(invocation, document);
  else context.stdout.write(renderCheck(file, findings, context.stdout));
  return findings.length === 0 ? 0 : 2;
}

function whereOf({ options }: Invocation): {
  readonly project: string | undefined;
  readonly directory: string | undefined;
} {
  return {
    project: textOption(options, "project"),
    directory: textOption(options, "projectDir"),
  };
}

function matching(
  options: Invocation["options"],
  name: string,
  pattern: RegExp,
): string | undefined {
  const value = textOption(options, name);
  if (value === undefined || pattern.test(value)) return value;
  throw new CliError("AUTOSD-USAGE", `--${name} must be given in full; it is ${value}.`);
}

function spendOf(options: Invocation["options"]): number {
  const text = textOption(options, "maxSpendUsd") ?? "0";
  if (/^[0-9]{1,6}(\.[0-9]{1,6})?$/.test(text)) return Math.round(Number(text) * microusd);
  throw new CliError("AUTOSD-USAGE", `--max-spend-usd must be an amount; it is ${text}.`);
}
