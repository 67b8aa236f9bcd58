import type { Command } from "commander";
import type { Bind } from "../action.ts";
import { choice, countUpTo, withExamples } from "../options.ts";

const load = () => import("../actions/projects.ts");
const healths = ["verified", "incomplete", "failed", "running", "unknown"];

/** `autosd projects list|show|status|retire`. */
export function addProjectsCommands(program: Command, bind: Bind): void {
  const group = withExamples(program.command("projects").description("the portfolio of projects"), [
    ["open projects", "autosd projects list --status open"],
    ["how all of them are", "autosd projects status --all"],
  ]);
  const list = group
    .command("list")
    .description("list projects")
    .addOption(choice("--status <status>", "open or retired ones only", ["open", "retired"]))
    .addOption(choice("--health <health>", "by how the newest run ended", healths))
    .option("--platform <platform>", "of one platform only")
    .option("--text <text>", "whose id or title contains the text")
    .option("--limit <n>", "at most so many (default: 50)", countUpTo(10_000))
    .option("--all", "all of them");
  withExamples(list, [
    ["open projects that need attention", "autosd projects list --status open --health incomplete"],
    ["everything, as JSON", "autosd projects list --all --json"],
  ]);
  bind(list, async () => (await load()).listProjects);

  const show = group.command("show").description("show one project").argument("<id>");
  withExamples(show, [["as JSON", "autosd projects show bookmarks --json"]]);
  bind(show, async () => (await load()).showProject);

  const status = group
    .command("status")
    .description("how one project, or the portfolio, is doing")
    .argument("[id]")
    .option("--all", "counts over all projects")
    .option("--open", "counts over open projects");
  withExamples(status, [
    ["one project", "autosd projects status bookmarks"],
    ["all open projects", "autosd projects status --open"],
  ]);
  bind(status, async () => (await load()).projectStatus);

  const retire = group
    .command("retire")
    .description("take a project out of work; its files stay")
    .argument("<id>")
    .option("--force", "do not ask");
  withExamples(retire, [["without a question", "autosd projects retire bookmarks --force"]]);
  bind(retire, async () => (await load()).retireProject);
}
