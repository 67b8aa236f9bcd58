import type { Command } from "commander";
import type { Bind } from "../action.ts";
import { privilegedActions } from "../../engine/autosd.ts";
import { environmentOption } from "../environment-option.ts";
import { choice, withExamples } from "../options.ts";

const load = () => import("../actions/policy.ts");

/** `autosd policy show|explain|test|replay|check`: reads only. */
export function addPolicyCommands(program: Command, bind: Bind): void {
  const group = withExamples(
    program.command("policy").description("what is allowed, why, and where it is said"),
    [
      ["the policy of a project", "autosd policy show --project my-project"],
      ["a policy file, before it counts", "autosd policy check .autosd/policy.json"],
    ],
  );
  addShow(group, bind);
  addExplain(group, bind);
  addFileCommands(group, bind);
}

function withWhere(command: Command): Command {
  return command
    .option("--project <id>", "project (default: the one in the current folder)")
    .option("--project-dir <dir>", "folder of the project");
}

function addShow(group: Command, bind: Bind): void {
  const show = withWhere(group.command("show"))
    .description("the policy in force, each value with its source; the state of a grant")
    .option("--preauth-grant <grant>", "show this grant too")
    .addOption(environmentOption("--env <env>", "one environment only"));
  withExamples(show, [
    ["of one project", "autosd policy show --project my-project"],
    ["of a grant", "autosd policy show --preauth-grant GRANT --env prod"],
  ]);
  bind(show, async () => (await load()).showPolicy);
}

function addExplain(group: Command, bind: Bind): void {
  const explain = withWhere(group.command("explain"))
    .description("whether an action would be allowed, and why; does nothing (3: refused)")
    .addOption(choice("--action <action>", "the action", privilegedActions))
    .addOption(environmentOption("--env <env>", "environment that it changes"))
    .option("--target <target>", "target that it changes")
    .option("--commit <commit>", "full id of the commit (default: the newest of its branch)")
    .option("--artifact <digest>", "sha256: digest of what is shipped")
    .option("--max-spend-usd <amount>", "what it may cost at most (default: 0)")
    .option("--preauth-grant <grant>", "grant that it would use");
  withExamples(explain, [
    ["a deploy", "autosd policy explain --project my-project --action deploy --env staging"],
    ["with a grant", "autosd policy explain --action push --preauth-grant GRANT --json"],
  ]);
  bind(explain, async () => (await load()).explainPolicy);
}

function addFileCommands(group: Command, bind: Bind): void {
  const test = withWhere(group.command("test"))
    .description("decide a table of cases and compare (4: one differs)")
    .argument("<file>", "cases in JSON");
  withExamples(test, [
    ["the cases of a project", "autosd policy test cases.json --project my-project"],
    ["as JSON", "autosd policy test cases.json --json"],
  ]);
  bind(test, async () => (await load()).testPolicy);

  const replay = group
    .command("replay")
    .description("make a recorded decision again (6: it comes out differently)")
    .argument("<seq>", "number of the entry in the audit log");
  withExamples(replay, [
    ["one decision", "autosd policy replay 812"],
    ["as JSON", "autosd policy replay 812 --json"],
  ]);
  bind(replay, async () => (await load()).replayPolicy);

  const check = group
    .command("check")
    .description("read a policy file and say what is wrong with it (2: something is)")
    .argument("<file>");
  withExamples(check, [
    ["of a project", "autosd policy check .autosd/policy.json"],
    ["as JSON", "autosd policy check .autosd/policy.json --json"],
  ]);
  bind(check, async () => (await load()).checkPolicy);
}
