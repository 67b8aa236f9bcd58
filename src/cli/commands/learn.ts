import type { Command } from "commander";
import type { Bind } from "../action.ts";
import { choice, withExamples } from "../options.ts";

const load = () => import("../actions/learn.ts");

/** `autosd learn`: what prompts cost and where they fail; new versions of them on request. */
export function addLearnCommand(program: Command, bind: Bind): void {
  const learn = program
    .command("learn")
    .description("count what prompts cost and where they fail, and propose changes; asks no model")
    .option("--project <dir-or-id>", "one project, by its folder or its id (default: all)")
    .option("--since <time>", "from then on: a duration back (30d) or a time (2026-01-31T10:00Z)")
    .option("--update-templates", "write what is proposed, as new versions of the templates")
    .addOption(
      choice(
        "--scope <scope>",
        "whose templates: of the project (if one is named) or of the home folder",
        ["project", "home"],
      ),
    )
    .option("--undo", "take the version back that was written last")
    .option("--template <name>", "with --undo: of this template")
    .option("--force", "do not ask");
  withExamples(learn, [
    ["what every project's prompts cost", "autosd learn"],
    ["of one project, lately", "autosd learn --project my-project --since 30d"],
    ["write what is proposed for it", "autosd learn --project my-project --update-templates"],
    ["and take it back", "autosd learn --project my-project --undo"],
  ]);
  bind(learn, async () => (await load()).learn);
}
