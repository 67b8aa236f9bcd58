import type { Command } from "commander";
import { options } from "../../config/options.ts";
import type { Action, Bind } from "../action.ts";
import { countUpTo, withExamples, withProject } from "../options.ts";

const { maxStoriesPerSprint } = options;
const load = () => import("../actions/sprint.ts");

/** What `sprint` does, one row a subcommand that takes nothing but a project. */
const steps: readonly (readonly [
  name: string,
  description: string,
  action: () => Promise<Action>,
])[] = [
  ["start", "start the planned sprint", async () => (await load()).startSprint],
  [
    "review",
    "judge the sprint's stories by recorded evidence",
    async () => (await load()).reviewSprint,
  ],
  [
    "retro",
    "close the reviewed sprint and write its retrospective",
    async () => (await load()).retroSprint,
  ],
  [
    "metrics",
    "points, attempts and velocity of all sprints",
    async () => (await load()).sprintMetrics,
  ],
];

/** `autosd sprint plan|start|review|retro|metrics|run`. */
export function addSprintCommands(program: Command, bind: Bind): void {
  const group = withExamples(
    program.command("sprint").description("plan, build, review and close one sprint"),
    [
      ["do a whole sprint", "autosd sprint run --project bookmarks"],
      ["see how the sprints went", "autosd sprint metrics"],
    ],
  );
  const plan = withStories(group.command("plan").description("choose the stories to do next"));
  withExamples(plan, [["three stories at most", "autosd sprint plan --max-stories-per-sprint 3"]]);
  bind(plan, async () => (await load()).planSprint);
  for (const [name, description, action] of steps) {
    const step = withProject(group.command(name).description(description));
    withExamples(step, [
      ["in the current folder", `autosd sprint ${name}`],
      ["of another project, as JSON", `autosd sprint ${name} --project bookmarks --json`],
    ]);
    bind(step, action);
  }
  const run = withStories(
    group.command("run").description("plan, build, review and close one sprint"),
  );
  withExamples(run, [
    ["one sprint of two stories", "autosd sprint run --max-stories-per-sprint 2"],
  ]);
  bind(run, async () => (await load()).runSprint);
}

function withStories(command: Command): Command {
  return withProject(command).option(
    "--max-stories-per-sprint <n>",
    `stories of the sprint (default: ${maxStoriesPerSprint.default})`,
    countUpTo(maxStoriesPerSprint.type.maximum),
  );
}
