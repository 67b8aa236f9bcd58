import { BlueprintError } from "../../blueprint/model/errors.ts";
import type { PromptTemplate } from "../../delivery/agent/learning/prompt-templates.port.ts";
import { ModelError } from "../../delivery/agent/model/errors.ts";
import type { Model } from "../../delivery/agent/model/model.port.ts";
import { priceOf, type PriceTable } from "../../delivery/agent/model/prices.ts";
import type {
  JournalPlace,
  PromptJournal,
} from "../../delivery/agent/model/prompt-journal.port.ts";
import type { Planner, PlanningRun } from "../../delivery/agent/planner.port.ts";
import {
  askForPlan,
  type PlanningParts,
  type PlanQuestion,
} from "../../delivery/agent/planning/ask-for-plan.ts";
import type { OwnAnswers } from "../../delivery/agent/planning/own-answers.ts";
import { checkDesign, designAnswer } from "../../delivery/agent/planning/design-draft.ts";
import {
  type ModelPlatform,
  modelPlatforms,
} from "../../delivery/agent/planning/model-platforms.ts";
import {
  planText,
  platformsText,
  sentencesText,
  storiesText,
} from "../../delivery/agent/planning/plan-facts.ts";
import { checkPlatform, platformAnswer } from "../../delivery/agent/planning/platform-draft.ts";
import {
  checkRefinement,
  refinementAnswer,
} from "../../delivery/agent/planning/refinement-draft.ts";
import { outlineText } from "../../delivery/agent/project-outline.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { RunBudgets } from "./run-budgets.ts";

export interface ModelPlannerOptions {
  /** Made when the first question needs it. */
  readonly model: (at: Omit<JournalPlace, "turn">) => Promise<Model>;
  /** The journal of a project's folder. */
  readonly journalOf: (directory: string) => PromptJournal;
  /** The version of a prompt in force in a project's folder, or the one that was begun with while it is there. */
  readonly promptOf: (
    name: string,
    directory: string,
    begunWith?: string,
  ) => Promise<PromptTemplate>;
  /** What planning of a project's folder went by before; absent: nothing. */
  readonly ownAnswersOf?: ((directory: string) => OwnAnswers) | undefined;
  readonly budgets: RunBudgets;
  /** Absent: no price is known. */
  readonly prices?: () => Promise<PriceTable>;
  readonly clock: Clock;
  /** What the model takes in at most. Default 128,000. */
  readonly contextTokens?: number;
  /** Longest answer. Default 16,384, and no more than half of what the model takes. */
  readonly maxOutputTokens?: number;
}

const defaultContextTokens = 128_000;
const defaultMaxOutputTokens = 16_384;

/** Where in a run's plan each question stands: two turns, the second for asking again. */
const turns = { refine: 0, "refine-existing": 0, platform: 2, design: 4 } as const;

/**
 * Plans with a language model. What it answers is checked whole; what cannot be used after asking
 * once more is AUTOSD-MODEL-ANSWER, never a plan that autosd made up. A resumed run, and another run
 * with the same requirements, goes by the answers that are paid for already.
 */
export function createModelPlanner(options: ModelPlannerOptions): Planner {
  return {
    kind: "model",
    refine: (document, signal, run) =>
      ask(options, inRun(run, signal), run?.project === undefined ? "refine" : "refine-existing", {
        schema: refinementAnswer,
        first: [...outlineOfRun(run), sentencesText(document)].join("\n\n"),
        check: (value) => checkRefinement(document, value),
      }),
    choosePlatform: async (_document, refined, preferred, run) => {
      const platforms = platformsFor(preferred);
      return ask(options, run, "platform", {
        schema: platformAnswer,
        first: `${platformsText(platforms)}\n\n${storiesText(refined)}`,
        check: (value) => checkPlatform(platforms, value),
      });
    },
    designDocument: (document, refined, plan, run) =>
      ask(options, run, "design", {
        schema: designAnswer,
        first: [planText(plan), storiesText(refined), sentencesText(document)].join("\n\n"),
        check: (value) => checkDesign(refined, plan, value),
      }),
  };
}

/** What is there already; nothing for a new project. */
function outlineOfRun(run: PlanningRun | undefined): readonly string[] {
  return run?.project === undefined ? [] : [outlineText(run.project)];
}

function inRun(run: PlanningRun | undefined, signal: AbortSignal): PlanningRun | undefined {
  return run === undefined ? undefined : { ...run, signal };
}

async function ask<T>(
  options: ModelPlannerOptions,
  run: PlanningRun | undefined,
  name: keyof typeof turns,
  question: Pick<PlanQuestion<T>, "schema" | "first" | "check">,
): Promise<T> {
  if (run === undefined)
    throw new ModelError("AUTOSD-MODEL-UNCONFIGURED", "planning outside a run has no journal");
  const prompt = await options.promptOf(name, run.directory);
  const parts = await partsOf(options, run);
  const earlierPrompt = async (id: string): Promise<PromptTemplate | undefined> => {
    if (!id.startsWith(`${name}@`)) return undefined;
    const found = await options.promptOf(name, run.directory, id);
    return found.id === id ? found : undefined;
  };
  return askForPlan(parts, { turn: turns[name], prompt, earlierPrompt, ...question }, run.signal);
}

async function partsOf(options: ModelPlannerOptions, run: PlanningRun): Promise<PlanningParts> {
  const journal = options.journalOf(run.directory);
  const { contextTokens = defaultContextTokens } = options;
  const [model, budget] = await Promise.all([
    options.model({ run: run.id, story: "plan", attempt: 1 }),
    options.budgets.of(run.id, journal),
  ]);
  return {
    model,
    price: priceOf((await options.prices?.()) ?? {}, model.name),
    budget,
    journal,
    clock: options.clock,
    run: run.id,
    ownAnswers: options.ownAnswersOf?.(run.directory),
    contextTokens,
    maxOutputTokens:
      options.maxOutputTokens ?? Math.min(defaultMaxOutputTokens, Math.floor(contextTokens / 2)),
  };
}

/** Those to choose from: the preferred one alone, or all. */
function platformsFor(preferred: string | undefined): readonly ModelPlatform[] {
  if (preferred === undefined) return modelPlatforms;
  const found = modelPlatforms.filter(({ id }) => id === preferred);
  if (found.length > 0) return found;
  const known = modelPlatforms.map(({ id }) => id);
  throw new BlueprintError(
    "AUTOSD-PLATFORM-UNKNOWN",
    `there is no platform ${JSON.stringify(preferred)}; known: ${known.join(", ")}`,
    { details: { known } },
  );
}
