import type { LearnInput, LearnReport, TemplatePlace } from "../../engine/learn/learn-calls.ts";
import type { ExitCode } from "../../kernel/errors.ts";
import { type Invocation, writeJson } from "../action.ts";
import { confirm } from "../confirmation.ts";
import { CliError } from "../errors.ts";
import { projectDirectory } from "../project-option.ts";
import { renderLearned, renderUndone, renderWritten } from "../render/learn.ts";
import { timeOption } from "../time-option.ts";
import { choiceOption, switchOption, textOption } from "../typed-options.ts";

/** `autosd learn`. */
export async function learn(invocation: Invocation): Promise<ExitCode> {
  const { context, options } = invocation;
  const isUndo = switchOption(options, "undo");
  const isUpdate = switchOption(options, "updateTemplates");
  refuseMixed(invocation, { isUndo, isUpdate });
  const directory = await directoryOf(invocation);
  const place = placeOf(invocation, directory);
  if (isUndo) return undo(invocation, place);
  const sinceMs = timeOption(options, "since", context.clock.now());
  const input: LearnInput = { directory, sinceMs, place };
  const engine = await invocation.engine();
  const report = await engine.learn.report(input, context.signal);
  if (isUpdate) return update(invocation, input, report);
  if (invocation.json) writeJson(invocation, report);
  else context.stdout.write(renderLearned(report, context.stdout));
  return 0;
}

async function update(
  invocation: Invocation,
  input: LearnInput,
  report: LearnReport,
): Promise<ExitCode> {
  const { context } = invocation;
  const proposed = report.proposals.filter(({ standing }) => standing === "proposed");
  if (proposed.length > 0) {
    // What is asked about is shown first.
    if (!invocation.json) context.stderr.write(renderLearned(report, context.stderr));
    const lines = proposed.length === 1 ? "1 line" : `${proposed.length} lines`;
    const question = `Add ${lines} to the prompts of ${nameOf(input.place)}?`;
    await confirm(invocation, question, againWords(invocation));
  }
  const engine = await invocation.engine();
  const done =
    proposed.length === 0
      ? { report, written: [] }
      : await engine.learn.update(input, context.signal);
  if (invocation.json)
    writeJson(invocation, { schema: "autosd/learn-update@1", written: done.written, report });
  else context.stdout.write(renderWritten(done.written));
  return 0;
}

async function undo(invocation: Invocation, place: TemplatePlace): Promise<ExitCode> {
  const { context, options } = invocation;
  const template = textOption(options, "template");
  const what = template === undefined ? "the newest written prompt" : `the newest ${template}`;
  await confirm(invocation, `Take back ${what} of ${nameOf(place)}?`, againWords(invocation));
  const back = await (await invocation.engine()).learn.undo(place, template);
  if (invocation.json) writeJson(invocation, { schema: "autosd/learn-undo@1", ...back });
  else context.stdout.write(renderUndone(back));
  return 0;
}

function refuseMixed(
  invocation: Invocation,
  asked: { readonly isUndo: boolean; readonly isUpdate: boolean },
): void {
  const { options, command } = invocation;
  const remedy = `autosd ${command} --help`;
  if (asked.isUndo && (asked.isUpdate || textOption(options, "since") !== undefined))
    throw new CliError("AUTOSD-USAGE", "--undo goes with neither --update-templates nor --since.", {
      remedy,
    });
  if (!asked.isUndo && textOption(options, "template") !== undefined)
    throw new CliError("AUTOSD-USAGE", "--template goes with --undo.", { remedy });
}

/** Undefined: every project that is known. */
async function directoryOf(invocation: Invocation): Promise<string | undefined> {
  const { options } = invocation;
  const isNamed = textOption(options, "project") !== undefined;
  return isNamed ? projectDirectory(invocation) : undefined;
}

function placeOf(invocation: Invocation, directory: string | undefined): TemplatePlace {
  const scope = choiceOption(invocation.options, "scope", ["project", "home"]);
  if (scope === "home" || (scope === undefined && directory === undefined))
    return { scope: "home" };
  if (directory !== undefined) return { scope: "project", directory };
  throw new CliError("AUTOSD-USAGE", "--scope project needs --project.", {
    remedy: "autosd projects list",
  });
}

function nameOf(place: TemplatePlace): string {
  return place.scope === "home" ? "the home folder" : `the project in ${place.directory}`;
}

/** The same command line again, for the message that asks for --force. */
function againWords({ options }: Invocation): readonly string[] {
  const values = ["project", "since", "scope", "template"] as const;
  const switches = ["updateTemplates", "undo"] as const;
  const dashed = (name: string) => `--${name.replace(/[A-Z]/g, (one) => `-${one.toLowerCase()}`)}`;
  return [
    ...values.flatMap((name) => {
      const value = textOption(options, name);
      return value === undefined ? [] : [dashed(name), quoted(value)];
    }),
    ...switches.flatMap((name) => (switchOption(options, name) ? [dashed(name)] : [])),
  ];
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
