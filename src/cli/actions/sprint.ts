import type { ExitCode } from "../../kernel/errors.ts";
import { type Invocation, writeJson } from "../action.ts";
import { projectDirectory } from "../project-option.ts";
import { renderMetrics, renderReview, renderSprint } from "../render/sprint.ts";
import { countOption } from "../typed-options.ts";
import { follow } from "./follow.ts";

/** `autosd sprint plan`. */
export async function planSprint(invocation: Invocation): Promise<ExitCode> {
  const { directory, maxStories } = await place(invocation);
  const sprint = await (await invocation.engine()).sprint.plan(directory, maxStories);
  if (invocation.json) writeJson(invocation, sprint);
  else write(invocation, renderSprint(sprint, invocation.context.stdout));
  return 0;
}

/** `autosd sprint start`. */
export async function startSprint(invocation: Invocation): Promise<ExitCode> {
  const { directory } = await place(invocation);
  const sprint = await (await invocation.engine()).sprint.start(directory);
  if (invocation.json) writeJson(invocation, sprint);
  else write(invocation, renderSprint(sprint, invocation.context.stdout));
  return 0;
}

/** `autosd sprint review`: a report, so exit 0 whatever the stories are. */
export async function reviewSprint(invocation: Invocation): Promise<ExitCode> {
  const { directory } = await place(invocation);
  const review = await (await invocation.engine()).sprint.review(directory);
  if (invocation.json) writeJson(invocation, { schema: "autosd/sprint-review@1", ...review });
  else write(invocation, renderReview(review, invocation.context.stdout));
  return 0;
}

/** `autosd sprint retro`. */
export async function retroSprint(invocation: Invocation): Promise<ExitCode> {
  const { directory } = await place(invocation);
  const { file, metrics } = await (await invocation.engine()).sprint.retro(directory);
  if (invocation.json) writeJson(invocation, { schema: "autosd/sprint-retro@1", file, metrics });
  else
    write(
      invocation,
      `${renderMetrics(metrics, invocation.context.stdout)}\nRetrospective: ${file}\n`,
    );
  return 0;
}

/** `autosd sprint metrics`. */
export async function sprintMetrics(invocation: Invocation): Promise<ExitCode> {
  const { directory } = await place(invocation);
  const metrics = await (await invocation.engine()).sprint.metrics(directory);
  if (invocation.json) writeJson(invocation, { schema: "autosd/sprint-metrics@1", ...metrics });
  else write(invocation, renderMetrics(metrics, invocation.context.stdout));
  return 0;
}

/** `autosd sprint run`. */
export async function runSprint(invocation: Invocation): Promise<ExitCode> {
  const { directory, maxStories } = await place(invocation);
  return follow(invocation, async (observe, signal) =>
    (await invocation.engine()).sprint.run(directory, maxStories, observe, signal),
  );
}

async function place(
  invocation: Invocation,
): Promise<{ readonly directory: string; readonly maxStories: number }> {
  const directory = await projectDirectory(invocation);
  const { values } = await invocation.configure(
    { maxStoriesPerSprint: countOption(invocation.options, "maxStoriesPerSprint") },
    directory,
  );
  return { directory, maxStories: values.maxStoriesPerSprint };
}

function write(invocation: Invocation, text: string): void {
  invocation.context.stdout.write(text);
}
