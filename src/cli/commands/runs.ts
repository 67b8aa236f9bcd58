import type { Command } from "commander";
import type { Bind } from "../action.ts";
import { addModelLimits, addParallelOptions } from "./run.ts";
import { choice, countUpTo, withExamples } from "../options.ts";

const load = () => import("../actions/runs.ts");

/** States of a run that `--status` takes. */
const runStatuses = ["pending", "running", "succeeded", "failed", "cancelled", "interrupted"];

/** `autosd runs list|show|resume|cancel`. */
export function addRunsCommands(program: Command, bind: Bind): void {
  const group = withExamples(
    program.command("runs").description("runs that were started, and how to go on with them"),
    [
      ["the newest runs", "autosd runs list"],
      ["go on where the newest was stopped", "autosd runs resume"],
    ],
  );
  const list = group
    .command("list")
    .description("list runs, newest first")
    .option("--project <dir-or-id>", "of one project only, by its folder or its id")
    .addOption(choice("--status <status>", "in one state only", runStatuses))
    .option("--limit <n>", "at most so many (default: 20)", countUpTo(1_000));
  withExamples(list, [["those that can be resumed", "autosd runs list --status interrupted"]]);
  bind(list, async () => (await load()).listRuns);

  const show = group.command("show").description("show a run and its steps").argument("<run-id>");
  withExamples(show, [["as JSON", "autosd runs show run_01 --json"]]);
  bind(show, async () => (await load()).showRun);

  const resume = group
    .command("resume")
    .description("go on with a run that was stopped")
    .argument("[run-id]", "default: the newest that can be resumed");
  addModelLimits(resume);
  addParallelOptions(resume);
  withExamples(resume, [
    ["the newest", "autosd runs resume"],
    ["with more to spend than before", "autosd runs resume run_01 --max-tokens 4000000"],
  ]);
  bind(resume, async () => (await load()).resumeRun);

  const cancel = group
    .command("cancel")
    .description("stop a run for good at its next step")
    .argument("<run-id>")
    .option("--force", "do not ask");
  withExamples(cancel, [["without a question", "autosd runs cancel run_01 --force"]]);
  bind(cancel, async () => (await load()).cancelRun);
}
