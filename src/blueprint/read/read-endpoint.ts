import { unread, type Fact } from "./facts.ts";
import type { Verb } from "./phrases/operation-phrases.ts";
import type { ClauseReader } from "./scene.ts";
import { textOf, wordAt, type Tokens } from "./tokens.ts";

const maxDescriptionTokens = 8;

/** `GET /tasks/{id}`, `POST /tasks creates a task`. A longer description is left to be read by itself. */
export const readEndpoint: ClauseReader = (clause, scene): readonly Fact[] | undefined => {
  const { tokens } = clause;
  const method = wordAt(tokens, 0).toUpperCase();
  if (!/^(GET|POST|PUT|PATCH|DELETE)$/.test(tokens[0]?.text ?? "") || wordAt(tokens, 1) !== "/")
    return undefined;
  const entity = scene.vocabulary.entityAt(tokens, 2);
  if (entity === undefined) return undefined;
  let end = 2 + entity.length;
  const single =
    wordAt(tokens, end) === "/" &&
    /id$/.test(wordAt(tokens, end + (wordAt(tokens, end + 1) === ":" ? 2 : 1)));
  if (single) end += wordAt(tokens, end + 1) === ":" ? 3 : 2;
  const verb = verbOf(method, single);
  if (verb === undefined || wordAt(tokens, end) === "/") return undefined;
  return [
    {
      kind: "operation",
      verb,
      entity: entity.value,
      plural: !single,
      actor: clause.actor,
      benefit: clause.benefit,
      by: [],
      sorts: [],
      adjectives: [],
      formats: [],
      duplicates: undefined,
      pageSize: undefined,
      maxPageSize: undefined,
      priority: clause.priority,
      sentence: clause.sentence,
    },
    ...unread(clause.sentence, describes(tokens, end) ? [] : [textOf(tokens, end)]),
  ];
};

function describes(tokens: Tokens, end: number): boolean {
  return (
    tokens.length - end <= maxDescriptionTokens &&
    !tokens.slice(end).some((token) => token.value !== undefined && token.kind === "number")
  );
}

function verbOf(method: string, single: boolean): Verb | undefined {
  if (method === "POST") return single ? undefined : "create";
  if (method === "GET") return single ? "read" : "list";
  if (!single) return undefined;
  return method === "DELETE" ? "delete" : "update";
}
