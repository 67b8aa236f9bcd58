import type { Command } from "commander";
import type { Bind } from "../action.ts";
import { withExamples, withProject } from "../options.ts";

/** `autosd config show`. */
export function addConfigCommands(program: Command, bind: Bind): void {
  const group = withExamples(program.command("config").description("the configuration in force"), [
    ["every option and where it comes from", "autosd config show"],
  ]);
  const show = withProject(
    group.command("show").description("list every option, its value and where that comes from"),
  );
  withExamples(show, [["as JSON", "autosd config show --json"]]);
  bind(show, async () => (await import("../actions/config.ts")).showConfig);
}
