import { join } from "node:path";
import type { ProductModel } from "../../blueprint/model/product-model.ts";
import type {
  BlueprintPlatform,
  PlannedFeature,
  RenderedFile,
  RenderRequest,
} from "../../blueprint/platforms/platform.port.ts";
import type {
  AdaptationTask,
  AgentEvent,
  ImplementationTask,
  Implementer,
  Proposal,
} from "../../delivery/agent/implementer.port.ts";
import type { Workspace } from "../../delivery/agent/workspace.port.ts";
import type { RequirementsDocument } from "../../delivery/requirements/document.ts";
import { messageOf } from "../../kernel/thrown.ts";
import { standingFeatures } from "./standing-features.ts";
import { featureOf, featuresOf } from "./story-features.ts";
import { readTemplate } from "./template-files.ts";
import {
  applyChanges,
  changesOf,
  conflictReason,
  readRecord,
  recordPath,
  recordText,
  type WrittenRecord,
} from "./written-files.ts";

export interface BlueprintImplementerOptions {
  readonly platforms: readonly BlueprintPlatform[];
  /** Host folder with one folder a platform, named by its id. */
  readonly templatesDirectory: string;
  readonly readProduct: (document: RequirementsDocument) => ProductModel;
}

/** What every task of one platform is worked on with. */
interface Shop {
  readonly platform: BlueprintPlatform;
  readonly model: ProductModel;
  readonly template: ReadonlyMap<string, string>;
  /** Undefined before the first story. */
  readonly written: WrittenRecord | undefined;
}

/**
 * Implements stories by rendering all that is done and the story in hand. `.blueprint.json` says
 * what was rendered last: what differs from that is written. Files that a person has changed are
 * left alone; a story that would have to change one fails and names it.
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
  const open = async (task: AdaptationTask): Promise<Shop | string> => {
    const platform = options.platforms.find(({ id }) => id === task.platform);
    if (platform === undefined) return `there is no platform ${task.platform}`;
    const found = await readRecord(task.workspace);
    if (found.kind === "damaged") return found.reason;
    return {
      platform,
      model: options.readProduct(task.document),
      template: await templateOf(platform),
      written: found.kind === "found" ? found.record : undefined,
    };
  };
  return {
    kind: "blueprint",
    implement: (task, signal) => guarded(implementStory(task, signal, open), signal),
    adapt: (task, signal) => guarded(adaptProject(task, signal, open), signal),
  };
}

type OpenShop = (task: AdaptationTask) => Promise<Shop | string>;

/** A failure is an event like any other. */
async function* guarded(
  events: AsyncIterable<AgentEvent>,
  signal: AbortSignal,
): AsyncIterable<AgentEvent> {
  try {
    yield* events;
  } catch (error) {
    const reason = messageOf(error);
    yield { kind: "failed", reason, retryable: signal.aborted };
  }
}

function failed(reason: string): AgentEvent {
  // Rendering is deterministic: the same task fails the same way.
  return { kind: "failed", reason, retryable: false };
}

async function* implementStory(
  task: ImplementationTask,
  signal: AbortSignal,
  open: OpenShop,
): AsyncIterable<AgentEvent> {
  const shop = await open(task);
  if (typeof shop === "string") {
    yield failed(shop);
    return;
  }
  const { platform, model } = shop;
  const { story } = task;
  const one = featureOf(platform, model, story);
  if (one.kind === "failed") {
    yield failed(one.reason);
    return;
  }
  if (one.kind === "unimplemented") {
    const sentences = story.sentences.map(({ id }) => id);
    yield { kind: "unimplemented", reason: one.reason, sentences };
    return;
  }
  const features = featuresOf(platform, model, [...task.doneStories, story]);
  const request = requestOf(shop, features);
  yield* propose(task.workspace, shop, request, signal, {
    summary: `${story.title}, on ${platform.title}`,
    acceptanceTests: platform.acceptanceTests(request, story.id),
    changedTests: [],
  });
}

async function* adaptProject(
  task: AdaptationTask,
  signal: AbortSignal,
  open: OpenShop,
): AsyncIterable<AgentEvent> {
  const shop = await open(task);
  if (typeof shop === "string") {
    yield failed(shop);
    return;
  }
  const { platform, model, written } = shop;
  const done = featuresOf(platform, model, task.doneStories);
  const candidates = requestOf(shop, done);
  const standing = written === undefined ? done : standingFeatures(platform, candidates, written);
  const proposal: Proposal = {
    summary: "what changed requirements ask for no more, or otherwise, taken out",
    acceptanceTests: [],
    changedTests: [],
    standing: standing.map(({ storyId }) => storyId),
  };
  // Without its foundation there is nothing to bring in line: the first story starts afresh.
  if (standing.length === 0) yield { kind: "proposal", proposal };
  else yield* propose(task.workspace, shop, requestOf(shop, standing), signal, proposal);
}

function requestOf(shop: Shop, features: readonly PlannedFeature[]): RenderRequest {
  const { model, template, written } = shop;
  return { model, features, template, memory: written?.memory };
}

/** Makes the workspace hold a rendering, then says so; or fails and leaves it as it is. */
async function* propose(
  workspace: Workspace,
  shop: Shop,
  request: RenderRequest,
  signal: AbortSignal,
  proposal: Proposal,
): AsyncIterable<AgentEvent> {
  const files = shop.platform.render(request);
  const changes = await changesOf(workspace, shop.written, files);
  signal.throwIfAborted();
  const conflict = conflictReason(changes);
  if (conflict !== undefined) {
    yield failed(conflict);
    return;
  }
  yield { kind: "progress", message: `${proposal.summary}: ${String(changes.length)} files` };
  await applyChanges(workspace, changes, signal);
  await workspace.write(recordPath, recordOf(shop, request, files));
  yield { kind: "proposal", proposal };
}

function recordOf(shop: Shop, request: RenderRequest, files: readonly RenderedFile[]): string {
  const { platform } = shop;
  const stories = request.features.map(({ storyId, feature }) => ({
    id: storyId,
    feature: feature.id,
  }));
  const memory = platform.remember?.(request);
  return recordText(
    { platform: platform.id, stories, ...(memory === undefined ? {} : { memory }) },
    files,
  );
}
