import { join } from "node:path";
import { featuresOf } from "../../../src/adapters/implementers/story-features.ts";
import { readTemplate } from "../../../src/adapters/implementers/template-files.ts";
import { recordPath, recordText } from "../../../src/adapters/implementers/written-files.ts";
import { createBlueprintPlanner } from "../../../src/blueprint/plan/blueprint-planner.ts";
import { apiServicePlatform as platform } from "../../../src/blueprint/platforms/api-service/platform.ts";
import type { ProductModel } from "../../../src/blueprint/model/product-model.ts";
import type {
  JsonValue,
  RenderedFile,
  RenderRequest,
} from "../../../src/blueprint/platforms/platform.port.ts";
import { readProduct } from "../../../src/blueprint/read/read-product.ts";
import type { Story } from "../../../src/delivery/backlog/backlog.ts";
import type { RequirementsDocument } from "../../../src/delivery/requirements/document.ts";
import type {
  RefinedRequirements,
  UserStory,
} from "../../../src/delivery/requirements/refined-requirements.ts";
import { say, type ModelScript } from "../model-server/script.ts";
import type { Call, Turns } from "./sums.ts";

/** A model that knows a whole product by heart. */
export interface KnowingModel {
  readonly script: ModelScript;
  readonly stories: readonly UserStory[];
  /** How often a run without a mishap asks. */
  readonly calls: number;
}

/**
 * Answers as blueprint plans and renders: a real product of many stories, written through tools. Its
 * trees are those that blueprint makes, so that gates which were green there are known to be.
 */
export async function blueprintModel(
  document: RequirementsDocument,
  packageFolder: string,
  unexpected: (question: string) => void,
): Promise<KnowingModel> {
  const refined = await createBlueprintPlanner([platform]).refine(
    document,
    new AbortController().signal,
  );
  const template = await readTemplate(join(packageFolder, "templates", platform.id));
  const knowledge = new Knowledge(document, refined.stories, template);
  const { startCommands, components } = await createBlueprintPlanner([platform]).choosePlatform(
    document,
    refined,
    undefined,
  );
  const plans: readonly (readonly [RegExp, unknown])[] = [
    [/^# The \d+ sentences/, draftOf(refined)],
    [
      /^# Platforms to choose from/,
      {
        platform: platform.id,
        why: "every story is asked over HTTP",
        startCommands: startCommands.filter((command) => command.startsWith("npm ")),
        components,
      },
    ],
    [/^# Platform\n/, designOf(refined)],
  ];
  return {
    stories: refined.stories,
    // Each story takes two answers: its files, and the claim.
    calls: plans.length + 2 * refined.stories.length,
    script: (call) => {
      const first = call.turns.find(({ role }) => role === "user")?.text ?? "";
      const place = call.turns.filter(({ role }) => role === "assistant").length;
      const plan = call.tools.length === 0 && place === 0 ? plans : [];
      const planned = plan.find(([pattern]) => pattern.test(first));
      if (planned !== undefined) return say(JSON.stringify(planned[1]));
      const story = /^# Story\n(ST-\d+):/.exec(first)?.[1] ?? "";
      const calls = knowledge.turnsOf(story)?.[place];
      if (calls === undefined) unexpected(call.turns.at(-1)?.text ?? "");
      return say(calls === undefined ? "I do not know." : "", {
        toolCalls: (calls ?? []).map(([name, given]) => ({ name, arguments: given })),
      });
    },
  };
}

function draftOf(refined: RefinedRequirements): unknown {
  return {
    ...refined,
    stories: refined.stories.map((story) => ({
      ...story,
      criteria: story.criteria.map(({ given, when, then }) => ({ given, when, then })),
    })),
  };
}

function designOf(refined: RefinedRequirements): unknown {
  return {
    context: "A small service.",
    data: [],
    operations: refined.stories.map(({ id, title, iWant }) => ({
      name: title,
      behaviour: iWant,
      stories: [id],
    })),
    errorHandling: ["A refusal names what is wrong."],
    security: ["Sizes are bounded."],
    storage: "One SQLite file.",
    decisions: [],
  };
}

/**
 * Each story's answers: what its rendering changes in the one before, then the claim. Stories are
 * built in the order in which they are first asked for.
 */
class Knowledge {
  readonly #model: ProductModel;
  readonly #stories: ReadonlyMap<string, UserStory>;
  readonly #template: ReadonlyMap<string, string>;
  readonly #turns = new Map<string, Turns>();
  readonly #done: Story[] = [];
  #before: readonly RenderedFile[] = [];
  #memory: JsonValue | undefined;

  constructor(
    document: RequirementsDocument,
    stories: readonly UserStory[],
    template: ReadonlyMap<string, string>,
  ) {
    this.#model = readProduct(document);
    this.#stories = new Map(stories.map((story) => [story.id, story]));
    this.#template = template;
  }

  /** Undefined: there is no such story. */
  turnsOf(id: string): Turns | undefined {
    const known = this.#turns.get(id);
    const story = this.#stories.get(id);
    if (known !== undefined || story === undefined) return known;
    this.#done.push(asBacklogStory(story));
    const request = {
      model: this.#model,
      features: featuresOf(platform, this.#model, this.#done),
      template: this.#template,
      memory: this.#memory,
    };
    const memory = platform.remember?.(request);
    const files = withRecord(platform.render(request), request, memory);
    const acceptanceTests = platform.acceptanceTests(request, id);
    const claim: Call = ["done", { summary: story.title, acceptanceTests }];
    const turns = [changes(this.#before, files), [claim]];
    this.#turns.set(id, turns);
    this.#before = files;
    this.#memory = memory;
    return turns;
  }
}

/** The rendering, and what blueprint notes of it in the project. */
function withRecord(
  files: readonly RenderedFile[],
  { features }: RenderRequest,
  memory: JsonValue | undefined,
): readonly RenderedFile[] {
  const stories = features.map(({ storyId, feature }) => ({ id: storyId, feature: feature.id }));
  const noted = memory === undefined ? {} : { memory };
  const text = recordText({ platform: platform.id, stories, ...noted }, files);
  return [...files, { path: recordPath, text, executable: false }];
}

function asBacklogStory(story: UserStory): Story {
  return {
    ...story,
    ...{ narrative: "", sentences: [], status: "done", attempts: [], commit: null, sprint: null },
  };
}

function changes(before: readonly RenderedFile[], after: readonly RenderedFile[]): readonly Call[] {
  const old = new Map(before.map(({ path, text }) => [path, text]));
  const kept = new Set(after.map(({ path }) => path));
  const fresh = after.filter(({ path, text }) => old.get(path) !== text);
  const executable = fresh.filter((file) => file.executable).map(({ path }) => path);
  return [
    ...fresh.map(({ path, text }): Call => ["write", { path, content: text }]),
    ...[...old.keys()].filter((path) => !kept.has(path)).map((path): Call => ["delete", { path }]),
    ...(executable.length === 0
      ? []
      : [["run", { command: `chmod +x ${executable.join(" ")}` }] as const]),
  ];
}
