import type { FieldType } from "../model/product-model.ts";
import type { Rule, SaidRule } from "./drafts.ts";
import { singularOf, isPlural, indefinite } from "./names.ts";
import { typeByLabel, type TypeWord } from "./phrases/type-phrases.ts";
import { tokenize } from "./tokens.ts";
import {
  type Contradiction,
  type Bounds,
  isFlag,
  whole,
  numberBounds,
  boundsOf,
} from "./field-bounds.ts";

/** A type, and what was contradictory on the way to it. */
export interface ResolvedType {
  readonly type: FieldType;
  readonly contradictions: readonly Contradiction[];
  /** The type was told by the name alone. */
  readonly guessedFrom: "rules" | "name" | "nothing";
}

/** The type of a field from all that is said about it, else from its name, else text. */
export function resolveType(label: string, said: readonly SaidRule[], owner: string): ResolvedType {
  const contradictions: Contradiction[] = [];
  const rules = said.map((one) => one.rule);
  const choice = rules.find((rule) => rule.kind === "choice");
  const bounds = (of: "characters" | "items" | "value"): Bounds =>
    boundsOf(of, said, label, owner, contradictions);
  if (choice !== undefined) {
    noteOtherChoices(said, label, owner, contradictions);
    return {
      type: { kind: "choice", values: [...new Set(choice.values)] },
      contradictions,
      guessedFrom: "rules",
    };
  }
  const words = rules.flatMap((rule) => (rule.kind === "type" ? [rule.type] : []));
  const named = typeOfLabel(label);
  const word = chosenWord(words, named, bounds("value"), rules);
  const type = build(word, rules, bounds);
  return {
    type,
    contradictions,
    guessedFrom: words.length > 0 ? "rules" : named === undefined ? "nothing" : "name",
  };
}

function chosenWord(
  words: readonly TypeWord[],
  named: TypeWord | undefined,
  value: Bounds,
  rules: readonly Rule[],
): TypeWord {
  // `price: number` is money all the same, and `website: text` a text.
  const explicit = words.find(
    (one) => one !== "labels" || named === undefined || named === "labels" || words.length === 1,
  );
  if (
    explicit === "decimal" &&
    (named === "money" || named === "integer") &&
    rules.every((rule) => rule.kind !== "bound" || Number.isInteger(rule.minimum ?? 0))
  )
    return named === "money" ? "money" : wholeOnly(words, rules) ? "integer" : "decimal";
  if (explicit === "text" && named === "long-text") return "long-text";
  if (explicit === "date" && named === "datetime" && words.includes("datetime")) return "datetime";
  if (explicit !== undefined) return explicit;
  if (
    rules.some((rule) => rule.kind === "flag" && /^(past|today)/.test(rule.flag)) &&
    named !== "datetime"
  )
    return "date";
  if (named !== undefined) return numeric(named, value);
  if (rules.some((rule) => rule.kind === "flag" && /^(not-negative|positive)$/.test(rule.flag)))
    return "decimal";
  if (value.minimum !== undefined || value.maximum !== undefined)
    return wholeBounds(value) ? "integer" : "decimal";
  return "text";
}

function wholeOnly(words: readonly TypeWord[], rules: readonly Rule[]): boolean {
  return (
    words.includes("integer") || rules.some((rule) => rule.kind === "bound" && rule.of === "value")
  );
}

function numeric(named: TypeWord, value: Bounds): TypeWord {
  const bounded = value.minimum !== undefined || value.maximum !== undefined;
  return bounded && (named === "text" || named === "long-text") ? "integer" : named;
}

function wholeBounds(value: Bounds): boolean {
  return Number.isInteger(value.minimum ?? 0) && Number.isInteger(value.maximum ?? 0);
}

/** What the name of a field tells: `due date` a date, `price` money, `ingredients` a list. */
export function typeOfLabel(label: string): TypeWord | undefined {
  const tokens = tokenize(label);
  if (/(^| )(number|count) of /.test(label)) return "integer";
  if (/^date of |^day of /.test(label) || / on$/.test(label)) return "date";
  if (/^time of /.test(label) || / at$/.test(label)) return "datetime";
  if (/^(is|has|was) /.test(label)) return "boolean";
  for (let at = 0; at < tokens.length; at += 1) {
    const match = typeByLabel.at(tokens, at);
    if (match !== undefined && at + match.length === tokens.length) return match.value;
  }
  const last = tokens.at(-1)?.word ?? "";
  if (isPlural(last) && tokens.length <= 2 && singularOf(last) !== last) return "labels";
  return undefined;
}

function build(
  word: TypeWord,
  rules: readonly Rule[],
  bounds: (of: "characters" | "items" | "value") => Bounds,
): FieldType {
  switch (word) {
    case "integer":
      return { kind: "integer", ...whole(numberBounds(rules, bounds("value"), 1)) };
    case "decimal":
      return { kind: "decimal", ...numberBounds(rules, bounds("value"), 0.01), decimals: 2 };
    case "money":
      return { kind: "decimal", ...numberBounds(rules, bounds("value"), 0.01), decimals: 2 };
    case "boolean":
      return { kind: "boolean" };
    case "date":
      return { kind: "date", relation: dateRelation(rules) };
    case "datetime":
      return { kind: "datetime" };
    case "labels":
      return {
        kind: "labels",
        maxItems: bounds("items").maximum ?? bounds("value").maximum,
        maxLength: bounds("characters").maximum,
        lowercase: rules.some((rule) => isFlag(rule, "lower-case")),
      };
    default:
      return textType(word, rules, bounds);
  }
}

function textType(
  word: TypeWord,
  rules: readonly Rule[],
  bounds: (of: "characters" | "items" | "value") => Bounds,
): FieldType {
  const characters = bounds("characters");
  const value = bounds("value");
  const format =
    word === "url" || word === "email" || word === "phone" || word === "slug" || word === "color"
      ? word
      : "plain";
  const maximum = characters.maximum ?? value.maximum;
  return {
    kind: "text",
    minLength: characters.minimum ?? value.minimum,
    maxLength: maximum,
    format,
    multiline: word === "long-text" || rules.some((rule) => isFlag(rule, "multiline")),
  };
}

function dateRelation(rules: readonly Rule[]): "any" | "past-or-today" | "today-or-future" {
  if (rules.some((rule) => isFlag(rule, "past-or-today"))) return "past-or-today";
  return rules.some((rule) => isFlag(rule, "today-or-future")) ? "today-or-future" : "any";
}

function noteOtherChoices(
  said: readonly SaidRule[],
  label: string,
  owner: string,
  contradictions: Contradiction[],
): void {
  const lists = said.flatMap(({ rule, sentence }) =>
    rule.kind === "choice" ? [{ key: [...rule.values].sort().join(", "), sentence }] : [],
  );
  if (new Set(lists.map((one) => one.key)).size > 1)
    contradictions.push({
      text: `The values of the ${label} of ${indefinite(owner)} are listed differently (${lists.map((one) => one.key).join("; ")}); the first list is followed.`,
      sentences: lists.map((one) => one.sentence),
    });
}
