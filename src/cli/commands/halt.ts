import type { Command } from "commander";
import type { Bind } from "../action.ts";
import { withExamples } from "../options.ts";

const load = () => import("../actions/halt.ts");

/** `autosd halt` and `autosd resume`: the kill switch. */
export function addHaltCommands(program: Command, bind: Bind): void {
  const halt = program
    .command("halt")
    .description("stop all work on a project, at once and without a key")
    .option("--project <id>", "project to stop")
    .option("--all", "stop every project")
    .option("--reason <text>", "why, for those who find it stopped");
  withExamples(halt, [
    ["stop one project", 'autosd halt --project my-project --reason "wrong prices"'],
    ["stop everything", "autosd halt --all"],
  ]);
  bind(halt, async () => (await load()).haltProject);

  const resume = program
    .command("resume")
    .description("lift a halt; an operator signs for it")
    .option("--project <id>", "project to let go on")
    .option("--all", "lift the halt of every project")
    .option("--signer <key>", "key that signs: its kid, or ssh-agent:SHA256:...");
  withExamples(resume, [
    ["let one project go on", "autosd resume --project my-project"],
    ["lift the halt of everything", "autosd resume --all"],
  ]);
  bind(resume, async () => (await load()).resumeProject);
}
