import type { Rule } from "./drafts.ts";
import { unread, type Fact } from "./facts.ts";
import { phrases } from "./phrase-table.ts";
import { choicePhrases } from "./phrases/rule-phrases.ts";
import {
  announcement,
  havePhrases,
  keeperVerbs,
  keepPhrases,
  perEntity,
} from "./phrases/sentence-phrases.ts";
import { readField } from "./read-field.ts";
import { readRules, ruleAt } from "./read-rules.ts";
import type { Clause, ClauseReader, Scene } from "./scene.ts";
import { type Tokens, wordAt } from "./tokens.ts";

/** `A bookmark has a title and optional notes`; `A folder has many bookmarks`. */
export const readHaving: ClauseReader = (clause, scene) => {
  const optionally = wordAt(clause.tokens, 0) === "optionally";
  const tokens = clause.tokens.slice(optionally ? (wordAt(clause.tokens, 1) === "," ? 2 : 1) : 0);
  const subject = scene.subjectAt(tokens, 0, clause.topic);
  if (subject !== undefined) {
    const at = skipAdverbs(tokens, subject.length);
    const have = havePhrases.at(tokens, at);
    const keep = have === undefined ? keepPhrases.at(tokens, at) : undefined;
    const length = have?.length ?? keep?.length;
    if (length === undefined) return undefined;
    if (/^(no|not|to|been|never)$/.test(wordAt(tokens, at + length))) return undefined;
    return readFieldList(
      tokens.slice(at + length),
      subject.value,
      optionally ? "may" : (have?.value ?? "plain"),
      clause,
      scene,
    );
  }
  return readKeeping(clause, scene);
};

function skipAdverbs(tokens: Tokens, from: number): number {
  let at = from;
  while (
    /^(also|then|always|each|usually|further|furthermore|itself|in|addition|often)$/.test(
      wordAt(tokens, at),
    )
  )
    at += 1;
  return at;
}

/** `For each bookmark we keep the title and the address`, `We record the title of each book`. */
function readKeeping(clause: Clause, scene: Scene): readonly Fact[] | undefined {
  const { tokens } = clause;
  const per = perEntity.at(tokens, 0);
  if (per !== undefined) {
    const subject = scene.subjectAt(tokens, per.length, clause.topic);
    if (subject === undefined) return undefined;
    let at = per.length + subject.length;
    if (wordAt(tokens, at) === ",") at += 1;
    const keep = keeperVerbs.at(tokens, at);
    if (keep === undefined) return undefined;
    return readFieldList(tokens.slice(at + keep.length), subject.value, "plain", clause, scene);
  }
  const keep = keeperVerbs.at(tokens, 0);
  if (keep === undefined) return undefined;
  return keptBefore(clause, keep.length, scene);
}

/** `We record <fields> of each book`. */
function keptBefore(clause: Clause, from: number, scene: Scene): readonly Fact[] | undefined {
  const { tokens } = clause;
  for (let at = tokens.length - 1; at > from; at -= 1) {
    const per =
      perEntity.at(tokens, at) ?? (wordAt(tokens, at) === "of" ? { length: 1 } : undefined);
    if (per === undefined) continue;
    const subject = scene.subjectAt(tokens, at + per.length, undefined);
    if (subject === undefined || at + per.length + subject.length !== tokens.length) continue;
    return readFieldList(tokens.slice(from, at), subject.value, "plain", clause, scene);
  }
  return undefined;
}

/** All of a list of fields; related entities become relations. */
export function readFieldList(
  tokens: Tokens,
  entity: string,
  stance: "plain" | "must" | "may",
  clause: Clause,
  scene: Scene,
): readonly Fact[] {
  const facts: Fact[] = [];
  const common = commonRules(tokens);
  if (common !== undefined) {
    const own = readFieldList(tokens.slice(0, common.from), entity, stance, clause, scene);
    return own.map((fact) =>
      fact.kind === "field" ? { ...fact, rules: [...fact.rules, ...common.rules] } : fact,
    );
  }
  const announced = announcement.at(tokens, 0);
  const from =
    announced === undefined
      ? 0
      : announced.length + (/^[:,]$/.test(wordAt(tokens, announced.length)) ? 1 : 0);
  if (announced !== undefined && from >= tokens.length) return facts;
  for (const part of splitFieldList(tokens.slice(wordAt(tokens, from) === ":" ? from + 1 : from))) {
    facts.push(...readElement(part, entity, stance, clause, scene));
  }
  return facts;
}

/** `a name and an address, both required`: what holds for all of the list. */
function commonRules(
  tokens: Tokens,
): { readonly from: number; readonly rules: readonly Rule[] } | undefined {
  const at = tokens.findLastIndex((token) => /^(both|all)$/.test(token.word));
  if (at < 2 || !/^[,(-]$/.test(wordAt(tokens, at - 1)) || at + 1 >= tokens.length)
    return undefined;
  const { rules, rest } = readRules(tokens, at + 1);
  const ofThem = rest.every((one) => /^(of them|them)$/.test(one));
  return ofThem && rules.length > 0 ? { from: at - 1, rules } : undefined;
}

const children = phrases(
  "many | several | any number of | a number of | zero or more | one or more | its | a list of | multiple | no or many | as many | some",
);

function readElement(
  part: Tokens,
  entity: string,
  stance: "plain" | "must" | "may",
  clause: Clause,
  scene: Scene,
): readonly Fact[] {
  const several = children.at(part, 0);
  const from = several?.length ?? 0;
  const child = scene.vocabulary.entityAt(part, from);
  // `A folder contains bookmarks`: the bookmarks hold the reference.
  if (
    child !== undefined &&
    (several !== undefined || child.plural) &&
    from + child.length === part.length &&
    child.value !== entity
  )
    return [
      {
        kind: "relation",
        holder: child.value,
        target: entity,
        many: false,
        required: undefined,
        sentence: clause.sentence,
      },
    ];
  const spec = readField(part, scene.vocabulary);
  if (spec === undefined)
    return unread(clause.sentence, [part.map((token) => token.text).join(" ")]);
  return [
    {
      kind: "field",
      entity,
      label: spec.label,
      rules: spec.rules,
      stance,
      sentence: clause.sentence,
    },
    ...unread(clause.sentence, spec.rest),
  ];
}

/** An element of a list of fields standing by itself: a list item or the cells of a row. */
export const readFieldClause: ClauseReader = (clause, scene) => {
  if (clause.form !== "field" || clause.topic === undefined) return undefined;
  const spec = readField(clause.tokens, scene.vocabulary);
  if (spec === undefined) return undefined;
  return [
    {
      kind: "field",
      entity: clause.topic,
      label: spec.label,
      rules: spec.rules,
      stance: clause.stance,
      sentence: clause.sentence,
    },
    ...unread(clause.sentence, spec.rest),
  ];
};

/** Separates the elements of a list of fields; rules stay with the field before them. */
export function splitFieldList(tokens: Tokens): readonly Tokens[] {
  const parts: Tokens[] = [];
  const outside = outsideBrackets(tokens);
  let start = 0;
  let choice: "none" | "open" | "last" = "none";
  for (let at = 0; at < tokens.length; at += 1) {
    if (!outside[at]) continue;
    if (choice === "none" && opensChoices(tokens, at)) choice = "open";
    if (!isSeparator(tokens, at)) continue;
    const next = nextStart(tokens, at);
    if (choice === "open" && !startsField(tokens, next)) {
      if (endsChoices(tokens, at, next)) choice = "last";
      continue;
    }
    if (wordAt(tokens, at) === "or" || belongsToField(tokens, next)) continue;
    if (at > start) parts.push(tokens.slice(start, at));
    start = next;
    at = next - 1;
    choice = "none";
  }
  if (start < tokens.length) parts.push(tokens.slice(start));
  return parts;
}

/** `which can be left empty` begins no list of values; `which can be new or used` does. */
function opensChoices(tokens: Tokens, at: number): boolean {
  if (choicePhrases.at(tokens, at) === undefined) return false;
  return !/^(which|that)$/.test(wordAt(tokens, at)) || laterOr(tokens, at);
}

/** For each token, whether it stands outside brackets and quotation marks. */
function outsideBrackets(tokens: Tokens): readonly boolean[] {
  let depth = 0;
  return tokens.map((token) => {
    if (token.kind === "quoted") return false;
    if (token.word === "(") depth += 1;
    if (token.word === ")") depth = Math.max(0, depth - 1);
    return depth === 0;
  });
}

/** `or` comes before the last value of a list; so does `and` when no `or` follows. */
function endsChoices(tokens: Tokens, at: number, next: number): boolean {
  const word = wordAt(tokens, at);
  return word === "or" || (word === "and" && !laterOr(tokens, next));
}

const separators = new Set([",", ";", "and", "plus", "or"]);

function isSeparator(tokens: Tokens, at: number): boolean {
  return (
    separators.has(wordAt(tokens, at)) ||
    (wordAt(tokens, at) === "as" && wordAt(tokens, at + 1) === "well")
  );
}

function nextStart(tokens: Tokens, from: number): number {
  let at = from;
  while (
    at < tokens.length &&
    (separators.has(wordAt(tokens, at)) || /^(well|as|also|finally|then)$/.test(wordAt(tokens, at)))
  )
    at += 1;
  return Math.max(at, from + 1);
}

function startsField(tokens: Tokens, at: number): boolean {
  return /^(a|an|the|its|optional|optionally|any|some|also|whether|when|how)$/.test(
    wordAt(tokens, at),
  );
}

function laterOr(tokens: Tokens, from: number): boolean {
  for (let at = from; at < tokens.length; at += 1) {
    const word = tokens[at]?.word;
    if (word === "or") return true;
    if (word === ";" || startsField(tokens, at)) return false;
  }
  return false;
}

/** The next part says more about the field before: a rule, a relative clause, an upper limit. */
function belongsToField(tokens: Tokens, at: number): boolean {
  const token = tokens[at];
  if (token === undefined) return true;
  if (
    /^(which|that|who|it|is|are|must|may|can|should|not|never|defaults|by|given|stored|kept|e\.g|such|for|with|where|has|has)$/.test(
      token.word,
    )
  )
    return true;
  const rule = ruleAt(tokens, at);
  if (rule === undefined) return token.value !== undefined && token.kind === "number";
  if (rule.value.every((one) => one.kind === "type")) return isBareType(tokens, at, rule.length);
  const after = tokens[at + rule.length];
  const adjective =
    after !== undefined &&
    after.kind !== "mark" &&
    !/^(and|or|but|in|if|by|with|when|of|at|which|to|per|within|as|long|for|unless|each|,)$/.test(
      after.word,
    );
  return !adjective || rule.value.some((one) => one.kind === "default");
}

/** `title, text, required`: a type by itself, not the name of a field such as `link`. */
function isBareType(tokens: Tokens, at: number, length: number): boolean {
  const words = tokens
    .slice(at, at + length)
    .map((token) => token.word)
    .join(" ");
  return /^(text|string|number|whole number|integer|boolean|yes\/no|true\/false|decimal|in (euros|minutes|hours|days|grams|kg|cm|seconds|dollars|pounds|metres|meters))$/.test(
    words,
  );
}
