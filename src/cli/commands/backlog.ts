import type { Command } from "commander";
import type { Bind } from "../action.ts";
import { withExamples, withProject } from "../options.ts";

/** `autosd backlog show|refine`. */
export function addBacklogCommands(program: Command, bind: Bind): void {
  const group = withExamples(
    program.command("backlog").description("the stories of a project and how far they are"),
    [["show the stories of the current folder", "autosd backlog show"]],
  );
  const show = withProject(group.command("show").description("list the stories"));
  withExamples(show, [
    ["of the current folder", "autosd backlog show"],
    ["of another project, as JSON", "autosd backlog show --project bookmarks --json"],
  ]);
  bind(show, async () => (await import("../actions/backlog.ts")).showBacklog);

  const refine = withProject(
    group
      .command("refine")
      .description("compute the stories again; what is done keeps its evidence"),
  );
  withExamples(refine, [["after the requirements were refined", "autosd backlog refine"]]);
  bind(refine, async () => (await import("../actions/backlog.ts")).refineBacklog);
}
