import type { Command } from "commander";
import { planningProviders } from "../../engine/autosd.ts";
import type { Bind } from "../action.ts";
import { choice, withExamples } from "../options.ts";
import { addModelOptions } from "./run.ts";

/** `autosd refine`. */
export function addRefineCommand(program: Command, bind: Bind): void {
  const command = program
    .command("refine")
    .description("turn requirements into stories, and trace each sentence to them")
    .option("--requirements-file <file>", "requirements in Markdown or plain text; - reads stdin")
    .option("--requirements-text <text>", "requirements as text")
    .option("--output-dir <dir>", "folder of the project (default: current folder)")
    .addOption(choice("--provider <provider>", "who plans", planningProviders))
    .option("--check", "write nothing; fail when a sentence leads to no story");
  addModelOptions(command);
  withExamples(command, [
    ["refine a file", "autosd refine --requirements-file requirements.md --output-dir app"],
    [
      "refine with a language model; a run with the same model goes by what it answered",
      "autosd refine --requirements-file requirements.md --output-dir app --provider openai --model MODEL",
    ],
    ["check what was refined before", "autosd refine --check --output-dir app"],
  ]);
  bind(command, async () => (await import("../actions/refine.ts")).refine);
}
