import type { Command } from "commander";
import type { Bind } from "../action.ts";
import { withExamples } from "../options.ts";

/** `autosd push`. */
export function addPushCommand(program: Command, bind: Bind): void {
  const command = program
    .command("push")
    .description("push a project's branch to a git remote, on a grant for push")
    .option("--project <id>", "project in the portfolio")
    .option("--remote <name>", "configured remote, or an address (default: origin)")
    .option("--branch <branch>", "branch on the remote (default: the local one's name)")
    .option("--preauth-grant <grant>", "id of the grant to act on");
  withExamples(command, [
    [
      "allow one push within the hour, then push",
      "autosd preauth create-grant --project-ids bookmarks --auto-push --max-uses 1 --expires-in-hours 1",
    ],
    ["push to origin", "autosd push --project bookmarks --preauth-grant GRANT"],
    [
      "to another branch of another repository",
      "autosd push --project bookmarks --remote ssh://git@git.example.org/bookmarks.git --branch autosd --preauth-grant GRANT",
    ],
  ]);
  bind(command, async () => (await import("../actions/push.ts")).push);
}
