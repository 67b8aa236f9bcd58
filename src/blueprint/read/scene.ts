import type { Fact } from "./facts.ts";
import { tokenize, type Token, type Tokens, wordAt } from "./tokens.ts";
import { FirstWords, singularPhrase, type EntityMention, type Vocabulary } from "./vocabulary.ts";

/** A stretch of a sentence that is read by itself. */
export interface Clause {
  readonly tokens: Tokens;
  readonly sentence: string;
  /** `field`: an element of a list of fields; `operation`: what somebody can do, the verb first. */
  readonly form: "sentence" | "field" | "operation";
  /** What pronouns stand for, and what fields belong to. */
  readonly topic: string | undefined;
  readonly actor: string | undefined;
  readonly benefit: string | undefined;
  readonly priority: "must" | "should" | "could";
  /** Fields listed by it are required or optional unless they say otherwise. */
  readonly stance: "plain" | "must" | "may";
  /** Fields that the sentence before spoke of: what `both` and `it` may stand for. */
  readonly recent: readonly Pick<FieldMention, "entity" | "label">[];
}

/** A field named at a token, and how many tokens name it. */
export interface FieldMention {
  readonly entity: string;
  readonly label: string;
  readonly length: number;
}

const maxLabelTokens = 5;

/** What is known while a clause is read: entities, and the fields found by the pass before. */
export class Scene {
  readonly vocabulary: Vocabulary;
  /** Entity -> phrase, singular -> label. */
  readonly #labels = new Map<string, Map<string, string>>();
  readonly #firstWords = new FirstWords([]);

  constructor(vocabulary: Vocabulary, facts: readonly Fact[]) {
    this.vocabulary = vocabulary;
    for (const fact of facts) {
      if (fact.kind === "field") this.#addLabel(fact.entity, fact.label);
      else if (fact.kind === "relation") this.#addLabel(fact.holder, fact.target);
    }
    for (const labels of this.#labels.values()) {
      addHeadWords(labels);
      for (const phrase of labels.keys()) this.#firstWords.add(phrase);
    }
  }

  #addLabel(entity: string, label: string): void {
    const labels = this.#labels.get(entity) ?? new Map<string, string>();
    const phrase = singularPhrase(tokenize(label));
    if (!labels.has(phrase)) labels.set(phrase, label);
    this.#labels.set(entity, labels);
  }

  /** The longest field name at a token: of `entity` first, then of the only other entity that has it. */
  fieldAt(tokens: Tokens, at: number, entity: string | undefined): FieldMention | undefined {
    if (!this.#firstWords.mayStart(tokens[at])) return undefined;
    for (let length = maxLabelTokens; length >= 1; length -= 1) {
      const words = tokens.slice(at, at + length);
      if (words.length < length || words.some((token) => token.kind === "mark")) continue;
      const found = this.#find(singularPhrase(words), entity);
      if (found !== undefined) return { ...found, length };
    }
    return undefined;
  }

  /** All fields of an entity whose names end in a word: `names` for first and last name. */
  fieldsEndingIn(token: Token | undefined, entity: string): readonly string[] {
    if (token?.kind !== "word") return [];
    const head = singularPhrase([token]);
    const labels = [...new Set(this.#labels.get(entity)?.values() ?? [])];
    return labels.filter((label) => singularPhrase(tokenize(label).slice(-1)) === head);
  }

  /** The field that a whole phrase names, articles aside. */
  fieldNamed(phrase: string, entity: string): string | undefined {
    const tokens = tokenize(phrase);
    const from = tokens.findIndex(
      (token) => !/^(a|an|the|its|their|by|of|same|own|given|certain)$/.test(token.word),
    );
    const mention = this.fieldAt(tokens, Math.max(0, from), entity);
    return mention?.entity === entity && mention.length === tokens.length - Math.max(0, from)
      ? mention.label
      : undefined;
  }

  #find(phrase: string, entity: string | undefined): { entity: string; label: string } | undefined {
    const own = entity === undefined ? undefined : this.#labels.get(entity)?.get(phrase);
    if (own !== undefined && entity !== undefined) return { entity, label: own };
    const others = [...this.#labels].flatMap(([owner, labels]) => {
      const label = labels.get(phrase);
      return label === undefined ? [] : [{ entity: owner, label }];
    });
    return others.length === 1 ? others[0] : undefined;
  }

  /** Articles and a pronoun for the topic included: `it`, `each of them`, `a new bookmark`. */
  subjectAt(tokens: Tokens, at: number, topic: string | undefined): EntityMention | undefined {
    let from = at;
    while (subjectWords.has(wordAt(tokens, from))) from += 1;
    const entity = this.vocabulary.entityAt(tokens, from);
    if (entity !== undefined) return { ...entity, length: from - at + entity.length };
    if (topic === undefined) return undefined;
    const word = wordAt(tokens, at);
    if (/^(it|they|these|those|this)$/.test(word))
      return { value: topic, length: 1, plural: word !== "it" };
    if (
      word === "each" &&
      wordAt(tokens, at + 1) === "of" &&
      /^(them|these|those)$/.test(wordAt(tokens, at + 2))
    )
      return { value: topic, length: 3, plural: false };
    if ((word === "each" || word === "every") && wordAt(tokens, at + 1) === "one")
      return { value: topic, length: 2, plural: false };
    if (
      word === "each" &&
      /^(has|have|is|can|may|must|belongs|should)$/.test(wordAt(tokens, at + 1))
    )
      return { value: topic, length: 1, plural: false };
    return undefined;
  }
}

const subjectWords = new Set(
  "a an the each every all any one our new single both existing its their my individual".split(" "),
);

/** `date` stands for `due date` when no other field ends so. */
function addHeadWords(labels: Map<string, string>): void {
  const heads = [...labels].map(([phrase, label]) => ({
    head: phrase.split(" ").at(-1) ?? phrase,
    label,
  }));
  for (const { head, label } of heads) {
    const unambiguous = heads.filter((other) => other.head === head).length === 1;
    if (unambiguous && !labels.has(head)) labels.set(head, label);
  }
}

/** One way of reading a clause; undefined when it is of another kind. */
export type ClauseReader = (clause: Clause, scene: Scene) => readonly Fact[] | undefined;
