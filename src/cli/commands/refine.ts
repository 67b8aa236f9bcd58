import type { Command } from "commander";
import type { Bind } from "../action.ts";
import { withExamples } from "../options.ts";

/** `autosd refine`. */
export function addRefineCommand(program: Command, bind: Bind): void {
  const command = program
    .command("refine")
    .description("turn requirements into stories, and trace each sentence to them")
    .option("--requirements-file <file>", "requirements in Markdown or plain text; - reads stdin")
    .option("--requirements-text <text>", "requirements as text")
    .option("--output-dir <dir>", "folder of the project (default: current folder)")
    .option("--check", "write nothing; fail when a sentence leads to no story");
  withExamples(command, [
    ["refine a file", "autosd refine --requirements-file requirements.md --output-dir app"],
    ["check what was refined before", "autosd refine --check --output-dir app"],
  ]);
  bind(command, async () => (await import("../actions/refine.ts")).refine);
}
