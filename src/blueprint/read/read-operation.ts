import type { ActionFact, Fact, OperationFact } from "./facts.ts";
import { unread } from "./facts.ts";
import {
  actionParticiples,
  actionVerbs,
  markParticiples,
  markVerbs,
  nominals,
  participles,
  quantifiers,
  verbPhrases,
  type Verb,
} from "./phrases/operation-phrases.ts";
import { modalPhrases, possibilityPhrases } from "./phrases/sentence-phrases.ts";
import { readModifiers, type Modifiers } from "./read-modifiers.ts";
import { readFieldList } from "./read-having.ts";
import type { Clause, ClauseReader, Scene } from "./scene.ts";
import { textOf, type Tokens } from "./tokens.ts";

/** Somebody can do something with an entity: active, passive, imperative or as a noun. */
export const readOperation: ClauseReader = (clause, scene) =>
  readActive(clause, scene) ?? readPassive(clause, scene) ?? readNominal(clause, scene);

interface Start {
  readonly at: number;
  readonly actor: string | undefined;
}

const maxActorWords = 4;

/** Skips `A reader can`, `It should be possible to`, `The service lets users`. */
function activeStart(clause: Clause): Start | undefined {
  const { tokens } = clause;
  const possible = possibilityPhrases.at(tokens, 0);
  if (clause.form === "operation")
    return { at: skipAnd(tokens, possible?.length ?? 0), actor: clause.actor };
  // `As an agent I want to ...` is a frame of its own, taken off before.
  const last = tokens[0]?.word === "as" ? -1 : maxActorWords;
  for (let at = 0; at <= last && at < tokens.length; at += 1) {
    const modal = modalPhrases.at(tokens, at) ?? possibilityPhrases.at(tokens, at);
    if (modal === undefined || at === 0) continue;
    const actor = tokens.slice(0, at);
    if (/^(nobody|none|no|neither|never|not)$/.test(tokens[0]?.word ?? "")) return undefined;
    if (actor.some((token) => token.kind === "mark")) break;
    const next = at + modal.length;
    if (/^(be|not|have|been)$/.test(tokens[next]?.word ?? "")) return undefined;
    const nested = possibilityPhrases.at(tokens, next);
    return {
      at: skipAnd(tokens, next + (nested?.length ?? 0)),
      actor: actorName(actor) ?? clause.actor,
    };
  }
  if (possible !== undefined) return { at: skipAnd(tokens, possible.length), actor: clause.actor };
  return { at: 0, actor: clause.actor };
}

function skipAnd(tokens: Tokens, from: number): number {
  let at = from;
  while (
    /^(to|also|easily|quickly|then|be|able|simply|the|ability|only|just|both)$/.test(
      tokens[at]?.word ?? "",
    ) &&
    tokens[at]?.text !== ""
  )
    at += 1;
  return at;
}

/** `A reader` -> `reader`; nobody in particular: undefined. */
export function actorName(tokens: Tokens): string | undefined {
  const words = tokens.filter(
    (token) => !/^(a|an|the|all|every|each|any|our|my|only|with|token)$/.test(token.word),
  );
  const name = textOf(words).toLowerCase();
  if (
    name === "" ||
    /^(it|we|i|you|one|they|there|people|users?|system|service|app|api|product|everyone|everybody|anyone|website|application|software|program|platform|clients?|that|this|who)$/.test(
      name,
    )
  )
    return undefined;
  return name;
}

interface VerbAt {
  readonly verb: Verb | "mark";
  readonly action: ReturnType<typeof actionVerbs.at>;
  readonly length: number;
}

function verbAt(tokens: Tokens, at: number, passive: boolean): VerbAt | undefined {
  const mark = (passive ? markParticiples : markVerbs).at(tokens, at);
  if (mark !== undefined && marksState(tokens, at + mark.length))
    return { verb: "mark", action: undefined, length: mark.length };
  const verb = (passive ? participles : verbPhrases).at(tokens, at);
  const action = (passive ? actionParticiples : actionVerbs).at(tokens, at);
  if (action !== undefined && action.length >= (verb?.length ?? 0))
    return { verb: "update", action, length: action.length };
  return verb === undefined
    ? undefined
    : { verb: verb.value, action: undefined, length: verb.length };
}

function marksState(tokens: Tokens, from: number): boolean {
  for (let at = from; at < Math.min(tokens.length, from + 8); at += 1)
    if (/^(as|to)$/.test(tokens[at]?.word ?? "")) return true;
  return false;
}

function readActive(clause: Clause, scene: Scene): readonly Fact[] | undefined {
  const start = activeStart(clause);
  if (start === undefined) return undefined;
  if (verbAt(clause.tokens, start.at, false) === undefined) return undefined;
  const facts = readGroups({ ...clause, actor: start.actor }, start.at, scene, false);
  if (facts === undefined || clause.tokens[0]?.word !== "only") return facts;
  const reason = `tells people apart: whoever has a token may do everything (“${textOf(clause.tokens, 0, start.at)}”)`;
  return [...facts, { kind: "unread", sentence: clause.sentence, reason }];
}

/** Several groups of verbs with an object each: `search the notes and sort them by date`. */
function readGroups(
  clause: Clause,
  from: number,
  scene: Scene,
  passive: boolean,
): readonly Fact[] | undefined {
  const { tokens } = clause;
  const facts: Fact[] = [];
  let topic = clause.topic;
  let at = from;
  while (at < tokens.length) {
    const group = verbGroup(tokens, at, passive);
    if (group.verbs.length === 0) break;
    const object = passive ? undefined : objectsAt(tokens, group.end, scene, topic);
    const entities = object?.entities ?? [];
    if (entities.length === 0 && topic === undefined) return undefined;
    if (object === undefined && !passive && !modifierFollows(tokens, group.end, group.verbs))
      return facts.length > 0
        ? [...facts, ...unread(clause.sentence, [textOf(tokens, at)])]
        : undefined;
    const end = object?.end ?? group.end;
    const about = entities.length > 0 ? entities : topicEntity(topic);
    const verbs = opensNew(tokens, group.verbs, at, end)
      ? [{ ...firstOf(group.verbs), verb: "create" as const }]
      : group.verbs;
    topic = about[0]?.value ?? topic;
    const until = nextGroup(tokens, end, passive, scene);
    const read = readModifiers(tokens.slice(0, until), end, {
      verbs: verbs.map((one) => one.verb),
      entity: about[0]?.value ?? "",
      scene,
    });
    facts.push(...groupFacts(clause, verbs, about, object?.adjectives ?? [], read, scene));
    at = until;
    while (/^(,|and|or|;|then|also|as|well|to|but)$/.test(tokens[at]?.word ?? "")) at += 1;
    if (until === end && at === until) break;
  }
  if (facts.length === 0) return undefined;
  return at < tokens.length ? [...facts, ...unread(clause.sentence, [textOf(tokens, at)])] : facts;
}

/** `open a ticket with a subject`: opening with contents is creating. */
function opensNew(tokens: Tokens, verbs: readonly VerbAt[], at: number, end: number): boolean {
  return (
    verbs.length === 1 &&
    tokens[at]?.word === "open" &&
    /^(a|an|new)$/.test(tokens[at + 1]?.word ?? "") &&
    (tokens[end] === undefined || /^(with|for|by|and|,)$/.test(tokens[end]?.word ?? ""))
  );
}

function firstOf(verbs: readonly VerbAt[]): VerbAt {
  return verbs[0] ?? { verb: "create", action: undefined, length: 1 };
}

interface ObjectEntity {
  readonly value: string;
  readonly plural: boolean;
}

function topicEntity(topic: string | undefined): readonly ObjectEntity[] {
  return topic === undefined ? [] : [{ value: topic, plural: true }];
}

function modifierFollows(tokens: Tokens, at: number, verbs: readonly VerbAt[]): boolean {
  const word = tokens[at]?.word;
  if (word === undefined) return true;
  const first = verbs[0]?.verb;
  return (
    /^(by|on|in|for|them|it|as|to|from|with|through|,)$/.test(word) ||
    first === "search" ||
    first === "sort" ||
    first === "count" ||
    first === "update" ||
    first === "filter"
  );
}

function verbGroup(
  tokens: Tokens,
  from: number,
  passive: boolean,
): { readonly verbs: readonly VerbAt[]; readonly end: number } {
  const verbs: VerbAt[] = [];
  let at = from;
  let end = from;
  for (;;) {
    const verb = verbAt(tokens, at, passive);
    if (verb === undefined) break;
    verbs.push(verb);
    end = at + verb.length;
    at = end;
    while (/^(,|and|or|\/|then|be|also|and\/or|to|later)$/.test(tokens[at]?.word ?? "")) at += 1;
    if (at === end || verb.verb === "mark") break;
  }
  return { verbs, end };
}

/** Index at which the next verb begins after a comma or `and`; the end otherwise. */
function nextGroup(tokens: Tokens, from: number, passive: boolean, scene: Scene): number {
  let depth = 0;
  for (let at = from; at < tokens.length; at += 1) {
    const word = tokens[at]?.word ?? "";
    if (word === "(") depth += 1;
    if (word === ")") depth -= 1;
    if (depth > 0 || !/^(,|and|or|;|then)$/.test(word)) continue;
    let next = at;
    while (/^(,|and|or|;|then|also|to|be|but)$/.test(tokens[next]?.word ?? "")) next += 1;
    const verb = verbAt(tokens, next, passive);
    if (verb === undefined || scene.fieldAt(tokens, next, undefined) !== undefined) continue;
    const after = tokens[next + verb.length];
    const bare = after === undefined || /^(,|and|or|\(|\))$/.test(after.word);
    // `sort by title, rating or order`: a lone noun at the end of a list is no verb.
    if (bare && !passive && !/^(it|them)$/.test(after?.word ?? "") && !isUnmistakable(tokens, next))
      continue;
    return at;
  }
  return tokens.length;
}

function isUnmistakable(tokens: Tokens, at: number): boolean {
  return /^(delete|edit|remove|create|update|search|export|import|archive|unarchive|sort|look)$/.test(
    tokens[at]?.word ?? "",
  );
}

interface Objects {
  readonly entities: readonly ObjectEntity[];
  readonly adjectives: readonly string[];
  readonly end: number;
}

const maxAdjectives = 3;

function objectsAt(
  tokens: Tokens,
  from: number,
  scene: Scene,
  topic: string | undefined,
): Objects | undefined {
  const entities: ObjectEntity[] = [];
  const adjectives: string[] = [];
  let at = from;
  let end = from;
  for (;;) {
    const one = oneObject(tokens, at, scene, topic);
    if (one === undefined) break;
    entities.push(one.entity);
    adjectives.push(...one.adjectives);
    end = one.end;
    at = end;
    if (!/^(,|and|or)$/.test(tokens[at]?.word ?? "")) break;
    while (/^(,|and|or)$/.test(tokens[at]?.word ?? "")) at += 1;
    if (
      verbAt(tokens, at, false) !== undefined &&
      scene.vocabulary.entityAt(tokens, at) === undefined
    )
      break;
  }
  return entities.length === 0 ? undefined : { entities, adjectives, end };
}

function oneObject(
  tokens: Tokens,
  from: number,
  scene: Scene,
  topic: string | undefined,
): { entity: ObjectEntity; adjectives: readonly string[]; end: number } | undefined {
  let at = skipQuantifiers(tokens, from);
  const pronoun = tokens[from]?.word ?? "";
  if (
    /^(it|them|these|those|one)$/.test(pronoun) &&
    topic !== undefined &&
    scene.vocabulary.entityAt(tokens, at) === undefined &&
    at <= from + 1
  )
    return { entity: { value: topic, plural: pronoun !== "it" }, adjectives: [], end: from + 1 };
  const owner = ownerOfField(tokens, at, scene, topic);
  if (owner !== undefined) return owner;
  const adjectives: string[] = [];
  for (let count = 0; count <= maxAdjectives * 2; count += 1) {
    const entity = scene.vocabulary.entityAt(tokens, at);
    if (entity !== undefined && scene.fieldAt(tokens, from, topic)?.entity !== topic)
      return { entity, adjectives, end: at + entity.length };
    if (
      entity !== undefined &&
      (at > from || topic === undefined || entity.value === topic || entity.plural)
    )
      return { entity, adjectives, end: at + entity.length };
    const token = tokens[at];
    if (
      token?.kind !== "word" ||
      /^(by|in|of|to|as|with|for|from|on|that|which|whose|how|when|per|there|through|into|between)$/.test(
        token.word,
      )
    )
      return undefined;
    if (!/^(or|and|only|the|just)$/.test(token.word)) adjectives.push(token.word);
    at = skipQuantifiers(tokens, at + 1);
  }
  return undefined;
}

/** `the priority of a ticket`: the ticket. */
function ownerOfField(
  tokens: Tokens,
  at: number,
  scene: Scene,
  topic: string | undefined,
): { entity: ObjectEntity; adjectives: readonly string[]; end: number } | undefined {
  let next = at;
  for (;;) {
    const field = scene.fieldAt(tokens, next, topic);
    if (field === undefined) return undefined;
    next += field.length;
    if (!/^(,|and|or)$/.test(tokens[next]?.word ?? "")) break;
    while (/^(,|and|or|the|its)$/.test(tokens[next]?.word ?? "")) next += 1;
  }
  if (!/^(of|for|on)$/.test(tokens[next]?.word ?? "")) return undefined;
  const owner = scene.subjectAt(tokens, next + 1, undefined);
  return owner === undefined
    ? undefined
    : {
        entity: { value: owner.value, plural: owner.plural },
        adjectives: [],
        end: next + 1 + owner.length,
      };
}

function skipQuantifiers(tokens: Tokens, from: number): number {
  let at = from;
  for (
    let match = quantifiers.at(tokens, at);
    match !== undefined;
    match = quantifiers.at(tokens, at)
  )
    at += match.length;
  return at;
}

/** `Bookmarks can be filtered by tag`. */
function readPassive(clause: Clause, scene: Scene): readonly Fact[] | undefined {
  const { tokens } = clause;
  const object =
    objectsAt(tokens, 0, scene, clause.topic) ?? formatsAsSubject(tokens, clause.topic);
  const first = object?.entities[0];
  if (object === undefined || first === undefined) return undefined;
  let at = object.end;
  const modal = passiveModal(tokens, at);
  if (modal === 0) return undefined;
  at += modal;
  if (verbAt(tokens, at, true) === undefined) return undefined;
  const facts = object.entities.map((entity) =>
    readGroups({ ...clause, topic: entity.value }, at, scene, true),
  );
  if (facts.some((one) => one === undefined)) return undefined;
  return facts.flatMap((one) => one ?? []);
}

/** `The same formats can be imported`. */
function formatsAsSubject(tokens: Tokens, topic: string | undefined): Objects | undefined {
  if (topic === undefined || textOf(tokens, 0, 3).toLowerCase() !== "the same formats")
    return undefined;
  return { entities: [{ value: topic, plural: true }], adjectives: [], end: 3 };
}

function passiveModal(tokens: Tokens, from: number): number {
  let at = from;
  while (
    /^(can|may|must|should|will|also|be|able|to|are|is|could|always|then|have|has|later|easily)$/.test(
      tokens[at]?.word ?? "",
    )
  ) {
    if (/^(are|is)$/.test(tokens[at]?.word ?? "") && tokens[at + 1]?.word === "not") return 0;
    at += 1;
  }
  return at > from && tokens[at - 1]?.word !== "to" ? at - from : 0;
}

/** `Search by title`, `CSV export of bookmarks`, `Filtering by tag and status`. */
function readNominal(clause: Clause, scene: Scene): readonly Fact[] | undefined {
  const { tokens } = clause;
  const from = possibilityPhrases.at(tokens, 0)?.length ?? 0;
  const lead = formatsBefore(tokens, from);
  const noun = nominals.at(tokens, lead.end);
  if (noun === undefined) return undefined;
  let at = lead.end + noun.length;
  if (
    /^(of|for|over|across|through|in|:)$/.test(tokens[at]?.word ?? "") &&
    objectsAt(tokens, at + 1, scene, undefined) !== undefined
  )
    at += 1;
  const object = objectsAt(tokens, at, scene, undefined);
  const about =
    object?.entities ??
    topicEntity(
      clause.topic ??
        (scene.vocabulary.entities.length === 1 ? scene.vocabulary.entities[0] : undefined),
    );
  const first = about[0];
  if (first === undefined) return undefined;
  const verb: VerbAt = { verb: noun.value, action: undefined, length: noun.length };
  const read = readModifiers(tokens, object?.end ?? at, {
    verbs: [noun.value],
    entity: first.value,
    scene,
  });
  return groupFacts(
    clause,
    [verb],
    about,
    object?.adjectives ?? [],
    { ...read, formats: [...lead.formats, ...read.formats] },
    scene,
  );
}

function formatsBefore(
  tokens: Tokens,
  from: number,
): { readonly formats: readonly ("json" | "csv")[]; readonly end: number } {
  const formats: ("json" | "csv")[] = [];
  let at = from;
  for (; at < tokens.length; at += 1) {
    const word = tokens[at]?.word;
    if (word === "json" || word === "csv") formats.push(word);
    else if (!/^(and|or|\/|a|an|the|,)$/.test(word ?? "")) break;
  }
  return { formats, end: at };
}

function groupFacts(
  clause: Clause,
  verbs: readonly VerbAt[],
  about: readonly ObjectEntity[],
  adjectives: readonly string[],
  read: Modifiers,
  scene: Scene,
): readonly Fact[] {
  const facts: Fact[] = [];
  for (const entity of about) {
    for (const verb of verbs) {
      if (verb.verb === "mark")
        facts.push(...read.states.map((state) => markFact(clause, entity.value, state)));
      else if (verb.action !== undefined)
        facts.push(actionFact(clause, entity.value, verb.action.value));
      else facts.push(operationFact(clause, verb.verb, entity, adjectives, read));
    }
    if (read.fieldList !== undefined)
      facts.push(...readFieldList(read.fieldList, entity.value, "plain", clause, scene));
  }
  return [...facts, ...unread(clause.sentence, read.rest)];
}

function markFact(clause: Clause, entity: string, state: string): ActionFact {
  const undo = /^(un(?!paid$|der)|not )/.test(state) && !/^(unique)$/.test(state);
  const positive = state.replace(/^not /, "").replace(/^un/, "");
  return {
    kind: "action",
    entity,
    verb: `mark as ${state}`,
    state: undo ? positive : state,
    undo,
    actor: clause.actor,
    benefit: clause.benefit,
    priority: clause.priority,
    sentence: clause.sentence,
  };
}

function actionFact(
  clause: Clause,
  entity: string,
  action: { readonly verb: string; readonly state: string; readonly undo: boolean },
): ActionFact {
  return {
    kind: "action",
    entity,
    ...action,
    actor: clause.actor,
    benefit: clause.benefit,
    priority: clause.priority,
    sentence: clause.sentence,
  };
}

function operationFact(
  clause: Clause,
  verb: Verb,
  entity: ObjectEntity,
  adjectives: readonly string[],
  read: Modifiers,
): OperationFact {
  return {
    kind: "operation",
    verb,
    entity: entity.value,
    plural: entity.plural,
    actor: clause.actor,
    benefit: clause.benefit,
    by: read.by,
    sorts: read.sorts,
    adjectives,
    formats: read.formats,
    duplicates: read.duplicates,
    pageSize: read.pageSize,
    maxPageSize: read.maxPageSize,
    priority: clause.priority,
    sentence: clause.sentence,
  };
}
