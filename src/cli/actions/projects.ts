import type { Autosd } from "../../engine/autosd.ts";
import type { ExitCode } from "../../kernel/errors.ts";
import { type Invocation, writeJson } from "../action.ts";
import { confirm } from "../confirmation.ts";
import { CliError } from "../errors.ts";
import { renderPortfolio, renderProject, renderProjects } from "../render/projects.ts";
import { choiceOption, countOption, switchOption, textOption } from "../typed-options.ts";

type Filter = Parameters<Autosd["projects"]["list"]>[0];
type Project = Awaited<ReturnType<Autosd["projects"]["show"]>>;

const statuses: readonly Project["status"][] = ["open", "retired"];
const healths: readonly Project["health"][] = [
  "verified",
  "incomplete",
  "failed",
  "running",
  "unknown",
];
const defaultLimit = 50;
const pageSize = 1_000;
/** A bound on `--all`, not an expectation. */
const maxPages = 1_000;

/** `autosd projects list`. */
export async function listProjects(invocation: Invocation): Promise<ExitCode> {
  const { options, context } = invocation;
  const engine = await invocation.engine();
  const filter = filterOf(options);
  const limit = countOption(options, "limit") ?? defaultLimit;
  // One more than asked for tells whether there are more.
  const found = switchOption(options, "all")
    ? await allProjects(engine, filter)
    : await engine.projects.list({ ...filter, limit: limit + 1 });
  const projects = switchOption(options, "all") ? found : found.slice(0, limit);
  const more = found.length > projects.length;
  if (invocation.json) writeJson(invocation, { schema: "autosd/projects@1", projects, more });
  else context.stdout.write(renderProjects(projects, more, context.stdout));
  return 0;
}

/** `autosd projects show`. */
export async function showProject(invocation: Invocation): Promise<ExitCode> {
  const { context } = invocation;
  const [id = ""] = invocation.positionals;
  const project = await (await invocation.engine()).projects.show(id);
  if (invocation.json) writeJson(invocation, { schema: "autosd/project@1", project });
  else context.stdout.write(renderProject({ project }, context.stdout));
  return 0;
}

/** `autosd projects status`: of one project, or counts with `--all` or `--open`. */
export async function projectStatus(invocation: Invocation): Promise<ExitCode> {
  const { context, options } = invocation;
  const [id] = invocation.positionals;
  const wide = switchOption(options, "all") || switchOption(options, "open");
  if ((id === undefined) !== wide) {
    throw new CliError("AUTOSD-USAGE", "Name one project, or say --all or --open.", {
      remedy: "autosd projects status --help",
    });
  }
  const engine = await invocation.engine();
  if (id !== undefined) {
    const status = await engine.projects.status(id);
    if (invocation.json) writeJson(invocation, { schema: "autosd/project-status@1", ...status });
    else context.stdout.write(renderProject(status, context.stdout));
    return 0;
  }
  const counts = (await engine.projects.summary()).filter(
    (row) => switchOption(options, "all") || row.status === "open",
  );
  if (invocation.json) writeJson(invocation, { schema: "autosd/portfolio@1", counts });
  else context.stdout.write(renderPortfolio(counts, context.stdout));
  return 0;
}

/** `autosd projects retire`: asks first. */
export async function retireProject(invocation: Invocation): Promise<ExitCode> {
  const { context } = invocation;
  const [id = ""] = invocation.positionals;
  const engine = await invocation.engine();
  const before = await engine.projects.show(id);
  if (before.status === "open") await confirm(invocation, `Retire project ${id}?`);
  const project = await engine.projects.retire(id);
  if (invocation.json) writeJson(invocation, { schema: "autosd/project@1", project });
  else context.stdout.write(`Project ${id} is retired. Its files are in ${project.directory}.\n`);
  return 0;
}

function filterOf(options: Invocation["options"]): Omit<Filter, "limit"> {
  const status = choiceOption(options, "status", statuses);
  const health = choiceOption(options, "health", healths);
  const platform = textOption(options, "platform");
  const text = textOption(options, "text");
  return {
    ...(status === undefined ? {} : { status }),
    ...(health === undefined ? {} : { health }),
    ...(platform === undefined ? {} : { platform }),
    ...(text === undefined ? {} : { text }),
  };
}

async function allProjects(
  engine: Autosd,
  filter: Omit<Filter, "limit">,
): Promise<readonly Project[]> {
  const all: Project[] = [];
  for (let page = 0; page < maxPages; page += 1) {
    const after = all.at(-1)?.id;
    const next = await engine.projects.list({
      ...filter,
      limit: pageSize,
      ...(after === undefined ? {} : { after }),
    });
    all.push(...next);
    if (next.length < pageSize) break;
  }
  return all;
}
