import type { DraftField } from "./entity-draft.ts";

/** A state in words, bound to a field and the value that it has in this state. */
export interface StateBinding {
  readonly field: DraftField;
  readonly value: string | boolean;
}

const opposites: ReadonlyMap<string, string> = new Map([
  ["open", "closed"],
  ["inactive", "active"],
  ["active", "inactive"],
  ["unfinished", "finished"],
  ["incomplete", "completed"],
  ["undone", "done"],
  ["visible", "hidden"],
  ["lent", "returned"],
  ["outstanding", "returned"],
  ["current", "archived"],
]);
const synonyms: ReadonlyMap<string, string> = new Map([
  ["completed", "complete"],
  ["complete", "completed"],
  ["finished", "done"],
  ["favorite", "favorited"],
  ["favorites", "favorite"],
]);

/** `not archived`, `unread`, `archived`: the label and whether it holds. */
export function stateWords(state: string): { readonly label: string; readonly holds: boolean } {
  const plain = state.toLowerCase().trim();
  const negated = /^(not |non-|no longer )/.exec(plain)?.[0];
  return negated === undefined
    ? { label: plain, holds: true }
    : { label: plain.slice(negated.length), holds: false };
}

/** The field that says whether something is in a state: a choice that has it as a value, or a flag. */
export function bindState(fields: readonly DraftField[], state: string): StateBinding | undefined {
  const { label, holds } = stateWords(state);
  if (holds) {
    for (const field of fields) {
      const value = choiceValue(field, label);
      if (value !== undefined) return { field, value };
    }
  }
  return (
    flagNamed(fields, label, holds) ??
    (label.startsWith("un") ? flagNamed(fields, label.slice(2), !holds) : undefined) ??
    flagNamed(fields, opposites.get(label) ?? "", !holds) ??
    flagNamed(fields, synonyms.get(label) ?? "", holds)
  );
}

function choiceValue(field: DraftField, label: string): string | undefined {
  const built = field.field?.type;
  const values =
    built === undefined
      ? field.said.flatMap(({ rule }) => (rule.kind === "choice" ? rule.values : []))
      : built.kind === "choice"
        ? built.values
        : [];
  const same = (one: string): string => one.toLowerCase().replaceAll(/[-_]/g, " ");
  return values.find((one) => same(one) === same(label));
}

function flagNamed(
  fields: readonly DraftField[],
  label: string,
  holds: boolean,
): StateBinding | undefined {
  if (label === "") return undefined;
  const field = fields.find(
    (one) =>
      isFlag(one) &&
      (one.label === label || one.label === `is ${label}` || one.label.endsWith(` ${label}`)),
  );
  return field === undefined ? undefined : { field, value: holds };
}

function isFlag(field: DraftField): boolean {
  return field.field === undefined
    ? field.said.some(({ rule }) => rule.kind === "type" && rule.type === "boolean")
    : field.field.type.kind === "boolean";
}
