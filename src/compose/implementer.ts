import { deferredImplementer } from "./deferred.ts";
import { once } from "./governance.ts";
import type { ModelPlannerOptions } from "../adapters/implementers/model-planner.ts";
import type { OwnRecords } from "../state/own-records.port.ts";
import type { ModelImplementerOptions } from "../adapters/implementers/model-implementer.ts";
import type { PromptTemplates } from "../delivery/agent/learning/prompt-templates.port.ts";
import type { BudgetLimits } from "../delivery/agent/model/budget.ts";
import type { PriceTable } from "../delivery/agent/model/prices.ts";
import type { Implementer } from "../delivery/agent/implementer.port.ts";
import type { Sandbox } from "../delivery/agent/sandbox.port.ts";
import type { Vcs } from "../delivery/agent/vcs.port.ts";
import type { DependencyStore } from "../delivery/verification/dependency-store.port.ts";
import type { Clock } from "../kernel/clock.ts";
import type { ProjectFiles } from "../state/project-files.port.ts";

/** What the model's implementer is made of; each part is built when a story first needs it. */
export interface ImplementerParts {
  readonly sandbox: () => Promise<Sandbox>;
  readonly dependencies: () => Promise<DependencyStore>;
  readonly registryHosts: () => Promise<readonly string[]>;
  readonly vcs: () => Promise<Vcs>;
  readonly files: () => Promise<ProjectFiles>;
  readonly clock: () => Promise<Clock>;
  /** Absent: no plan of an earlier run is gone by. */
  readonly own?: () => Promise<OwnRecords>;
  readonly prompts: () => Promise<PromptTemplates>;
}

/** What planner and implementer share: one journal a project, one budget a run. */
export async function modelBasis(
  parts: ImplementerParts,
  limits: BudgetLimits,
  prices: () => Promise<PriceTable> = async () => ({}),
): Promise<
  Omit<ModelImplementerOptions, "model" | "commandsOf"> & Pick<ModelPlannerOptions, "ownAnswersOf">
> {
  const { createRunBudgets } = await import("../adapters/implementers/run-budgets.ts");
  const { createPromptJournals } = await import("../adapters/store/prompt-journal.ts");
  const files = await parts.files();
  const prompts = await parts.prompts();
  const own = await parts.own?.();
  return {
    clock: await parts.clock(),
    budgets: createRunBudgets(limits),
    prices,
    journalOf: createPromptJournals(files),
    ownAnswersOf: own === undefined ? undefined : ownAnswersIn(own),
    promptOf: async (name, directory, begunWith) => {
      const begun = begunWith === undefined ? undefined : await prompts.named(begunWith, directory);
      return begun ?? prompts.inForce(name, directory);
    },
  };
}

/** Answers stand in a journal, a part of which each of them is. */
function ownAnswersIn(own: OwnRecords): NonNullable<ModelPlannerOptions["ownAnswersOf"]> {
  const name = "prompt_journal.jsonl plan";
  return (project) => ({
    remember: (digest) => own.remember({ project, name, digest }),
    knows: (digest) => own.knows({ project, name, digest }),
  });
}

/** The implementer of a language model, on this machine's parts; loaded with the first story. */
export function modelImplementer(
  parts: ImplementerParts,
  basis: Awaited<ReturnType<typeof modelBasis>>,
  model: ModelImplementerOptions["model"],
): Implementer {
  const loaded = once(async () => {
    const { createModelImplementer } =
      await import("../adapters/implementers/model-implementer.ts");
    const { createSandboxedCommands } =
      await import("../adapters/implementers/sandboxed-commands.ts");
    return createModelImplementer({
      ...basis,
      model,
      symbols: once(async () => {
        const { createTreeSitterSymbols } =
          await import("../adapters/outline/tree-sitter-symbols.ts");
        return createTreeSitterSymbols();
      }),
      compilePattern: async (pattern, ignoreCase) => {
        const { compileLinePattern } = await import("../adapters/outline/line-patterns.ts");
        return compileLinePattern(pattern, ignoreCase);
      },
      commandsOf: async (place) =>
        createSandboxedCommands(
          {
            sandbox: await parts.sandbox(),
            vcs: await parts.vcs(),
            dependencies: await parts.dependencies(),
            registryHosts: parts.registryHosts,
          },
          place,
        ),
    });
  });
  return deferredImplementer("model", loaded);
}
