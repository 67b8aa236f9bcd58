import { type Fact, unread } from "./facts.ts";
import { type Objects, objectsAt, topicEntity, type ObjectEntity } from "./objects-at.ts";
import { groupFacts, type Group } from "./operation-facts.ts";
import { nominals } from "./phrases/operation-phrases.ts";
import { possibilityPhrases } from "./phrases/sentence-phrases.ts";
import { readModifiers } from "./read-modifiers.ts";
import type { Clause, ClauseReader, Scene } from "./scene.ts";
import { type Tokens, textOf, wordAt } from "./tokens.ts";
import { type VerbAt, nextGroup, verbAt, verbGroup } from "./verbs-at.ts";
import { activeStart } from "./active-start.ts";

/** Somebody can do something with an entity: active, passive, imperative or as a noun. */
export const readOperation: ClauseReader = (clause, scene) =>
  readActive(clause, scene) ?? readPassive(clause, scene) ?? readNominal(clause, scene);

function readActive(clause: Clause, scene: Scene): readonly Fact[] | undefined {
  const start = activeStart(clause);
  if (start === undefined) return undefined;
  if (verbAt(clause.tokens, start.at, false) === undefined) return undefined;
  const facts = readGroups({ ...clause, actor: start.actor }, start.at, scene, false);
  if (facts === undefined || wordAt(clause.tokens, 0) !== "only") return facts;
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
    const group = groupAt(tokens, at, { scene, passive, topic });
    if (group === undefined) break;
    facts.push(...groupFacts(clause, group, scene));
    topic = group.about[0]?.value ?? topic;
    if (group.end === at) break;
    at = group.end;
  }
  if (facts.length === 0) return undefined;
  return at < tokens.length ? [...facts, ...unread(clause.sentence, [textOf(tokens, at)])] : facts;
}

interface GroupAt extends Group {
  /** Where the next group begins. */
  readonly end: number;
}

/** The group of verbs at a token; undefined when there is none, or nothing that it is about. */
function groupAt(
  tokens: Tokens,
  at: number,
  {
    scene,
    passive,
    topic,
  }: { readonly scene: Scene; readonly passive: boolean; readonly topic: string | undefined },
): GroupAt | undefined {
  const group = verbGroup(tokens, at, passive);
  if (group.verbs.length === 0) return undefined;
  const object = passive ? undefined : objectsAt(tokens, group.end, scene, topic);
  const about = object?.entities ?? topicEntity(topic ?? scene.vocabulary.entities[0]);
  const first = about[0];
  if (first === undefined) return undefined;
  if (object === undefined && !passive && !modifierFollows(tokens, group.end, group.verbs))
    return undefined;
  const from = object?.end ?? group.end;
  const verbs = opensNew(tokens, group.verbs, at, from)
    ? group.verbs.map((one) => ({ ...one, verb: "create" as const }))
    : group.verbs;
  const until = nextGroup(tokens, from, passive, scene);
  const subject =
    object === undefined && !passive
      ? bestAbout(tokens.slice(0, until), from, { verbs, about, scene })
      : about;
  const read = readModifiers(tokens.slice(0, until), from, {
    verbs: verbs.map((one) => one.verb),
    entity: subject[0]?.value ?? first.value,
    scene,
  });
  let end = until;
  while (/^(,|and|or|;|then|also|as|well|to|but)$/.test(wordAt(tokens, end))) end += 1;
  return { verbs, about: subject, adjectives: object?.adjectives ?? [], read, end };
}

/** `Sort by due date`: of the entity spoken of if it has the field, else of the first that has. */
function bestAbout(
  tokens: Tokens,
  from: number,
  {
    verbs,
    about,
    scene,
  }: {
    readonly verbs: readonly VerbAt[];
    readonly about: readonly ObjectEntity[];
    readonly scene: Scene;
  },
): readonly ObjectEntity[] {
  const unread = (entity: string): number =>
    readModifiers(tokens, from, { verbs: verbs.map((one) => one.verb), entity, scene }).rest.length;
  if (about.every((one) => unread(one.value) === 0)) return about;
  const other = scene.vocabulary.entities.find((entity) => unread(entity) === 0);
  return other === undefined ? about : [{ value: other, plural: true }];
}

/** `open a ticket with a subject`: opening with contents is creating. */
function opensNew(tokens: Tokens, verbs: readonly VerbAt[], at: number, end: number): boolean {
  return (
    verbs.length === 1 &&
    wordAt(tokens, at) === "open" &&
    /^(a|an|new)$/.test(wordAt(tokens, at + 1)) &&
    (tokens[end] === undefined || /^(with|for|by|and|,)$/.test(wordAt(tokens, end)))
  );
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
      wordAt(tokens, at),
    )
  ) {
    if (/^(are|is)$/.test(wordAt(tokens, at)) && wordAt(tokens, at + 1) === "not") return 0;
    at += 1;
  }
  return at > from && wordAt(tokens, at - 1) !== "to" ? at - from : 0;
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
    /^(of|for|over|across|through|in|:)$/.test(wordAt(tokens, at)) &&
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
    {
      verbs: [verb],
      about,
      adjectives: object?.adjectives ?? [],
      read: { ...read, formats: [...lead.formats, ...read.formats] },
    },
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
