import { readFieldList } from "./read-having.ts";
import type { Sentence } from "../../delivery/requirements/document.ts";
import { classify } from "./classify.ts";
import type { Fact } from "./facts.ts";
import { entityRow, fieldRow, isEntityTable, isFieldTable, isNo, isYes } from "./field-table.ts";
import { startsWithVerb } from "./find-entities.ts";
import { readClause } from "./read-clause.ts";
import type { Clause } from "./scene.ts";
import { splitClauses, withoutConnectives } from "./split-clauses.ts";
import { tokenize } from "./tokens.ts";
import { type Walk, clauseOf, qualityBeforeFeature, reading, splitOnSemicolon } from "./walk.ts";

/** Reads a table row: a field, an entity, a user story, or its cells as sentences. */
export function readRow(sentence: Sentence, walk: Walk): readonly Fact[] {
  if (isEntityTable(sentence)) {
    const row = entityRow(sentence);
    const entity = walk.scene.vocabulary.entityIn(row.entity);
    if (entity !== undefined) {
      walk.topic = entity;
      const tokens = tokenize(row.fields);
      return [
        ...readFieldList(tokens, entity, "plain", clauseOf(sentence, tokens, walk), walk.scene),
        ...row.rest.flatMap((text) => readCell(sentence, text, walk)),
      ];
    }
  }
  const parent = sentence.parent === undefined ? undefined : walk.byId.get(sentence.parent);
  const lead = parent === undefined ? undefined : walk.scene.vocabulary.entityIn(parent.text);
  if (isFieldTable(sentence)) return readFieldRow(sentence, lead, walk);
  return readGenericRow(sentence, walk);
}

function readFieldRow(sentence: Sentence, lead: string | undefined, walk: Walk): readonly Fact[] {
  const row = fieldRow(sentence);
  const named = row.entity === undefined ? undefined : walk.scene.vocabulary.entityIn(row.entity);
  const entity = named ?? lead ?? walk.topic ?? walk.scene.vocabulary.entities[0];
  if (entity === undefined) return readGenericRow(sentence, walk);
  walk.topic = entity;
  const parts = [
    row.type,
    ...answer(row.required, "required", "optional"),
    ...answer(row.unique, "unique", ""),
    row.initial === "" || /^[-–—]$|^none$/i.test(row.initial) ? "" : `default ${row.initial}`,
    ...row.rules,
  ].filter((part) => part.trim() !== "" && !/^[-–—]$/.test(part.trim()));
  const text = parts.length === 0 ? row.name : `${row.name}: ${parts.join(", ")}`;
  const clause: Clause = {
    ...clauseOf(sentence, tokenize(text), walk),
    form: "field",
    topic: entity,
  };
  return readClause(clause, walk.scene) ?? [classify(sentence, walk.document.title)];
}

function answer(cell: string, yes: string, no: string): readonly string[] {
  if (cell.trim() === "") return [];
  if (isYes(cell)) return [yes];
  return isNo(cell) ? [no] : [cell];
}

/** A row of any other table: a cell that is a sentence, else the cells read as one. */
function readGenericRow(sentence: Sentence, walk: Walk): readonly Fact[] {
  const cells = Object.values(sentence.cells ?? {}).filter((cell) => cell.trim() !== "");
  const quality = qualityBeforeFeature(sentence, walk);
  if (quality !== undefined) return [quality];
  const story = storyText(sentence);
  const longest = [...cells].sort((left, right) => right.length - left.length)[0] ?? "";
  const joined = cells.join(" ");
  let fallback: readonly Fact[] | undefined;
  for (const text of [story, longest, joined].filter((one) => one !== undefined)) {
    const tokens = withoutConnectives(tokenize(text));
    const operation = startsWithVerb(tokens);
    const facts = reading(
      (operation ? splitOnSemicolon(tokens) : splitClauses(tokens, walk.scene)).map((part) => ({
        ...clauseOf(sentence, part, walk),
        form: operation ? "operation" : "sentence",
      })),
      walk,
    );
    if (facts !== undefined && facts.every((fact) => fact.kind !== "unread")) return facts;
    fallback ??= facts;
  }
  return fallback ?? [classify(sentence, walk.document.title)];
}

/** `As a | I want | So that` columns. */
function storyText(sentence: Sentence): string | undefined {
  const cells = Object.entries(sentence.cells ?? {});
  const cell = (pattern: RegExp): string | undefined =>
    cells.find(([header]) => pattern.test(header))?.[1];
  const want = cell(/^(i )?(want|would like|need|can)( to)?$/i);
  if (want === undefined) return undefined;
  const actor = cell(/^(as( an?)?|who|role|actor|as a ?\W*)\b/i);
  const why = cell(/^(so that|so|why|because|in order to)$/i);
  return `As a ${(actor ?? "user").replace(/^(an?|the) /i, "")} I want to ${want.replace(/^to /i, "")}${why === undefined || why === "" ? "" : ` so that ${why}`}`;
}

function readCell(sentence: Sentence, text: string, walk: Walk): readonly Fact[] {
  const tokens = withoutConnectives(tokenize(text));
  if (tokens.length === 0) return [];
  return (
    readClause(clauseOf(sentence, tokens, walk), walk.scene) ?? [
      { kind: "unread", sentence: sentence.id, reason: `not understood: “${text}”` },
    ]
  );
}
