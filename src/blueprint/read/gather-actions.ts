import type { EntityDraft } from "./entity-draft.ts";
import type { ActionFact } from "./facts.ts";
import { asciiWords, indefinite } from "./names.ts";
import type { Decisions } from "./reading.ts";
import { bindState } from "./states.ts";
import { type ActionSet, type Wishes, newDemand, record } from "./gathered-wishes.ts";

function actionSet(fact: ActionFact, draft: EntityDraft): ActionSet | undefined {
  const bound = bindState(draft.fields, fact.state);
  const field = bound?.field.field;
  if (bound === undefined || field === undefined) return undefined;
  if (!fact.undo) return [{ field: field.name, value: bound.value }];
  if (typeof bound.value === "boolean") return [{ field: field.name, value: !bound.value }];
  // Taking back a value of a choice: to the value that a new one has.
  const start =
    field.default?.kind === "value"
      ? field.default.value
      : field.type.kind === "choice"
        ? field.type.values[0]
        : undefined;
  return typeof start === "string" && start !== bound.value
    ? [{ field: field.name, value: start }]
    : undefined;
}

/** What marks, finishes or takes back something; reported when no field holds such a state. */
export function addAction(fact: ActionFact, wishes: Wishes, decisions: Decisions): void {
  const set = actionSet(fact, wishes.draft);
  const action = asciiWords(fact.verb).join("-");
  if (set === undefined || action === "") {
    decisions.report(
      fact.sentence,
      `“${fact.verb}” has no state of ${indefinite(wishes.draft.noun)} to change`,
    );
    return;
  }
  const known = wishes.actions.get(action);
  const one = known?.demand ?? newDemand();
  record(one, fact);
  if (known === undefined) wishes.actions.set(action, { demand: one, set });
}
