import type { Field } from "../model/product-model.ts";
import { type DraftField, type EntityDraft, findField, saidFlag } from "./entity-draft.ts";
import type { Fact } from "./facts.ts";
import { indefinite, upperFirst } from "./names.ts";
import type { Decisions } from "./reading.ts";
import { type StateBinding, bindState } from "./states.ts";

/** A rule on what happens to those that refer to a deleted one. */
export type DeletionFact = Extract<Fact, { kind: "deletion" }>;
const effectWords = {
  restrict: "be refused while others refer to it",
  cascade: "delete those that refer to it",
  clear: "leave those that refer to it",
} as const;

/** Applies what is said about fields that exist by now: deletion, states of new ones, uniqueness together. What fits no field is reported. */
export function applyLater(
  fact: Fact,
  byNoun: ReadonlyMap<string, EntityDraft>,
  deletions: Map<DraftField, DeletionFact>,
  decisions: Decisions,
): void {
  if (fact.kind === "deletion") applyDeletion(fact, byNoun, deletions, decisions);
  else if (fact.kind === "initial-state") applyInitialState(fact, byNoun, decisions);
  else if (fact.kind === "unique-together") {
    const draft = byNoun.get(fact.entity);
    const names = fact.labels.flatMap((label) =>
      draft === undefined ? [] : (findField(draft, label)?.field?.name ?? []),
    );
    if (draft === undefined || names.length < fact.labels.length)
      decisions.report(fact.sentence, `names a field that no ${fact.entity} has`);
    else {
      if (!draft.uniqueTogether.some((one) => one.join() === names.join()))
        draft.uniqueTogether.push(names);
      draft.sentences.add(fact.sentence);
    }
  }
}

function applyDeletion(
  fact: DeletionFact,
  byNoun: ReadonlyMap<string, EntityDraft>,
  deletions: Map<DraftField, DeletionFact>,
  decisions: Decisions,
): void {
  const target = byNoun.get(fact.target);
  const referrers = [...byNoun.values()].filter(
    (draft) => fact.referrer === undefined || draft.noun === fact.referrer,
  );
  let applied = false;
  for (const draft of referrers) {
    for (const field of draft.fields) {
      const built = field.field;
      if (built?.type.kind !== "reference" || built.type.entity !== target?.names.name) continue;
      if (fact.effect === "clear" && built.required)
        decisions.contradict([
          {
            text: `${upperFirst(indefinite(draft.noun))} needs ${indefinite(fact.target)}, but is to stay without one when it is deleted; deleting is refused instead.`,
            sentences: [fact.sentence, ...field.sentences],
          },
        ]);
      const first = deletions.get(field);
      if (first !== undefined && first.effect !== fact.effect) {
        decisions.contradict([
          {
            text: `Deleting ${indefinite(fact.target)} is to ${effectWords[first.effect]} and to ${effectWords[fact.effect]}; the first is followed.`,
            sentences: [first.sentence, fact.sentence],
          },
        ]);
        field.field = { ...built, sentences: [...new Set([...built.sentences, fact.sentence])] };
        applied = true;
        continue;
      }
      deletions.set(field, fact);
      const onDelete = fact.effect === "clear" && built.required ? "restrict" : fact.effect;
      field.field = {
        ...built,
        type: { ...built.type, onDelete },
        sentences: [...new Set([...built.sentences, fact.sentence])],
      };
      applied = true;
    }
  }
  if (!applied)
    decisions.report(
      fact.sentence,
      `nothing refers to ${indefinite(fact.target)}, so the rule for deleting one has no effect`,
    );
}

function applyInitialState(
  fact: Extract<Fact, { kind: "initial-state" }>,
  byNoun: ReadonlyMap<string, EntityDraft>,
  decisions: Decisions,
): void {
  const draft = byNoun.get(fact.entity);
  const bound = draft === undefined ? undefined : bindState(draft.fields, fact.state);
  if (bound?.field.field === undefined) {
    decisions.report(
      fact.sentence,
      `“${fact.state}” is no value that ${indefinite(fact.entity)} can have`,
    );
    return;
  }
  setDefault(bound, bound.field.field, fact, decisions);
}

function setDefault(
  bound: StateBinding,
  built: Field,
  fact: Extract<Fact, { kind: "initial-state" }>,
  decisions: Decisions,
): void {
  const before = built.default;
  if (before?.kind === "value" && before.value !== bound.value && built.type.kind === "choice")
    decisions.contradict([
      {
        text: `The ${built.label} of ${indefinite(fact.entity)} has several defaults (${String(before.value)}, ${String(bound.value)}); the first is followed.`,
        sentences: [...built.sentences, fact.sentence],
      },
    ]);
  const keep = before?.kind === "value" && built.type.kind === "choice";
  const said = saidFlag(bound.field, "required");
  bound.field.field = {
    ...built,
    default: keep ? before : { kind: "value", value: bound.value },
    required: said && built.required,
    sentences: [...new Set([...built.sentences, fact.sentence])],
  };
}
