import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ProductModel } from "../../blueprint/model/product-model.ts";
import type {
  BlueprintPlatform,
  PlannedFeature,
  RenderedFile,
  RenderRequest,
} from "../../blueprint/platforms/platform.port.ts";
import type {
  AgentEvent,
  ImplementationTask,
  Implementer,
} from "../../delivery/agent/implementer.port.ts";
import type { Workspace } from "../../delivery/agent/workspace.port.ts";
import type { Story } from "../../delivery/backlog/backlog.ts";
import type { RequirementsDocument } from "../../delivery/requirements/document.ts";

export interface BlueprintImplementerOptions {
  readonly platforms: readonly BlueprintPlatform[];
  /** Host folder with one folder a platform, named by its id. */
  readonly templatesDirectory: string;
  readonly readProduct: (document: RequirementsDocument) => ProductModel;
}

/** What has to happen to one file of the workspace. */
type FileChange =
  | { readonly kind: "write"; readonly file: RenderedFile }
  | { readonly kind: "remove"; readonly path: string }
  /** Somebody changed it since it was rendered, and this story would change it, too. */
  | { readonly kind: "conflict"; readonly path: string };

/**
 * Implements stories by rendering: the files of the stories done, with and without the story in
 * hand, differ by what the story needs, and only that is written. Files that a person has changed
 * are left alone; a story that would have to change one fails and names it.
 */
export function createBlueprintImplementer(options: BlueprintImplementerOptions): Implementer {
  const templates = new Map<string, Promise<ReadonlyMap<string, string>>>();
  const templateOf = (platform: BlueprintPlatform): Promise<ReadonlyMap<string, string>> => {
    const known = templates.get(platform.id);
    if (known !== undefined) return known;
    const read = readTemplate(join(options.templatesDirectory, platform.id));
    templates.set(platform.id, read);
    return read;
  };
  return {
    kind: "blueprint",
    async *implement(task, signal) {
      try {
        yield* implementStory(task, signal, options, templateOf);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        yield { kind: "failed", reason, retryable: signal.aborted };
      }
    },
  };
}

async function* implementStory(
  task: ImplementationTask,
  signal: AbortSignal,
  options: BlueprintImplementerOptions,
  templateOf: (platform: BlueprintPlatform) => Promise<ReadonlyMap<string, string>>,
): AsyncIterable<AgentEvent> {
  const platform = options.platforms.find(({ id }) => id === task.platform);
  if (platform === undefined) {
    yield failed(`there is no platform ${task.platform}`);
    return;
  }
  const model = options.readProduct(task.document);
  const planned = plannedFeature(platform, model, task.story);
  if (planned.kind !== "planned") {
    yield planned.kind === "failed" ? failed(planned.reason) : unimplemented(task, planned.reason);
    return;
  }
  const done = task.doneStories.flatMap((story) => {
    const one = plannedFeature(platform, model, story);
    return one.kind === "planned" ? [one.feature] : [];
  });
  const template = await templateOf(platform);
  const request: RenderRequest = { model, features: [...done, planned.feature], template };
  const before = done.length === 0 ? [] : platform.render({ model, features: done, template });
  const changes = await changesOf(task.workspace, before, platform.render(request));
  signal.throwIfAborted();
  const conflicts = changes.flatMap((one) => (one.kind === "conflict" ? [one.path] : []));
  if (conflicts.length > 0) {
    yield failed(`changed by somebody else since it was written: ${conflicts.join(", ")}`);
    return;
  }
  yield { kind: "progress", message: `${task.story.title}: ${String(changes.length)} files` };
  await apply(task.workspace, changes, signal);
  yield {
    kind: "proposal",
    proposal: {
      summary: `${task.story.title}, on ${platform.title}`,
      acceptanceTests: platform.acceptanceTests(request, task.story.id),
      changedTests: [],
    },
  };
}

function failed(reason: string): AgentEvent {
  // Rendering is deterministic: the same task fails the same way.
  return { kind: "failed", reason, retryable: false };
}

function unimplemented(task: ImplementationTask, reason: string): AgentEvent {
  return { kind: "unimplemented", reason, sentences: task.story.sentences.map(({ id }) => id) };
}

type Planned =
  | { readonly kind: "planned"; readonly feature: PlannedFeature }
  | { readonly kind: "unimplemented"; readonly reason: string }
  | { readonly kind: "failed"; readonly reason: string };

/** The feature that a story stands for, with the story's criteria as its own. */
function plannedFeature(platform: BlueprintPlatform, model: ProductModel, story: Story): Planned {
  const [featureId] = story.features;
  const feature = model.features.find(({ id }) => id === featureId);
  if (feature === undefined)
    return { kind: "unimplemented", reason: `${story.id} asks for nothing that can be built` };
  const refusal = platform.refusal(feature, model);
  if (refusal !== undefined) return { kind: "unimplemented", reason: refusal };
  const keys = platform.criteria(feature, model).map(({ key }) => key);
  if (keys.length !== story.criteria.length)
    return {
      kind: "failed",
      reason: `${story.id} has ${String(story.criteria.length)} criteria and its feature ${String(keys.length)}: plan it again`,
    };
  const criteria = story.criteria.flatMap(({ id }, index) => {
    const key = keys[index];
    return key === undefined ? [] : [{ id, key }];
  });
  return {
    kind: "planned",
    feature: { feature, storyId: story.id, storyTitle: story.title, criteria },
  };
}

async function changesOf(
  workspace: Workspace,
  before: readonly RenderedFile[],
  after: readonly RenderedFile[],
): Promise<readonly FileChange[]> {
  const old = new Map(before.map((file) => [file.path, file]));
  const wanted = new Map(after.map((file) => [file.path, file]));
  const paths = [...new Set([...old.keys(), ...wanted.keys()])].sort();
  const changes: FileChange[] = [];
  for (const path of paths) {
    const change = await changeOf(workspace, path, old.get(path), wanted.get(path));
    if (change !== undefined) changes.push(change);
  }
  return changes;
}

async function changeOf(
  workspace: Workspace,
  path: string,
  old: RenderedFile | undefined,
  wanted: RenderedFile | undefined,
): Promise<FileChange | undefined> {
  if (old?.text === wanted?.text && old?.executable === wanted?.executable) return undefined;
  const content = await workspace.read(path);
  const present = content === undefined ? undefined : Buffer.from(content).toString("utf8");
  if (present !== old?.text && present !== wanted?.text) return { kind: "conflict", path };
  if (wanted !== undefined) return { kind: "write", file: wanted };
  return present === undefined ? undefined : { kind: "remove", path };
}

async function apply(
  workspace: Workspace,
  changes: readonly FileChange[],
  signal: AbortSignal,
): Promise<void> {
  for (const change of changes) {
    signal.throwIfAborted();
    if (change.kind === "write")
      await workspace.write(change.file.path, change.file.text, {
        executable: change.file.executable,
      });
    if (change.kind === "remove") await workspace.remove(change.path);
  }
}

/** Leftovers of working on a template in place. */
const leftovers = new Set(["node_modules", "dist", "coverage"]);

/** The fixed files of a platform: relative path with `/` -> text. */
async function readTemplate(folder: string): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  const read = async (below: string): Promise<void> => {
    const entries = await readdir(join(folder, below), { withFileTypes: true });
    for (const entry of entries) {
      if (leftovers.has(entry.name)) continue;
      const path = below === "" ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory()) await read(path);
      else if (entry.isFile()) files.set(path, await readFile(join(folder, path), "utf8"));
    }
  };
  await read("");
  return files;
}
