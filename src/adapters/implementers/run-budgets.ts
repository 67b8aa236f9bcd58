import { type BudgetLimits, RunBudget, spentByJournal } from "../../delivery/agent/model/budget.ts";
import type { PromptJournal } from "../../delivery/agent/model/prompt-journal.port.ts";

/** One budget a run, shared by planner and implementers. */
export interface RunBudgets {
  /** What the journal says was spent before counts. */
  of(run: string, journal: PromptJournal): Promise<RunBudget>;
}

/** Budgets of the runs of this process. */
export function createRunBudgets(limits: BudgetLimits): RunBudgets {
  const open = new Map<string, Promise<RunBudget>>();
  return {
    of(run, journal) {
      const known = open.get(run);
      if (known !== undefined) return known;
      const budget = spentByJournal(journal.all({ run }), run).then(
        (spent) => new RunBudget(limits, spent, run),
      );
      open.set(run, budget);
      // A journal that cannot be read now may be readable at the next call.
      budget.catch(() => open.delete(run));
      return budget;
    },
  };
}
