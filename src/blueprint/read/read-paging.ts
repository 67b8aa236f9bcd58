import type { Fact } from "./facts.ts";
import { phrases } from "./phrase-table.ts";
import { duplicatePhrases } from "./phrases/operation-phrases.ts";
import type { ClauseReader } from "./scene.ts";
import type { Tokens } from "./tokens.ts";

const pageWords = new Set(
  "page pages paged list lists listing results result paging pagination".split(" "),
);
const pagingFillers = new Set(
  (
    "a an the of in is are come comes has have at most up to more than never no not by default and or but unless told otherwise asked for each every per one with holds hold contain contains shows show size maximum entries items records results result list lists " +
    "listing page pages paged paging pagination pageable long , ; : ( ) may can be must should limited it they shown delivered returned at time which on request requested answer answers as time's limit its their that all"
  ).split(" "),
);

/** `A page holds 20 bookmarks, at most 100`, `Lists come in pages of 25`. */
export const readPagingSentence: ClauseReader = ({ tokens, sentence }, scene) => {
  if (
    !tokens.some((token) => pageWords.has(token.word)) ||
    !tokens.some((token) => /^(page|pages|paged|paging|pagination)$/.test(token.word))
  )
    return undefined;
  const numbers: { readonly value: number; readonly limit: boolean }[] = [];
  for (let at = 0; at < tokens.length;) {
    const entity = scene.vocabulary.entityAt(tokens, at);
    const token = tokens[at];
    if (token?.value !== undefined && token.word !== "one")
      numbers.push({ value: token.value, limit: isLimit(tokens, at) });
    else if (entity === undefined && !pagingFillers.has(token?.word ?? "")) return undefined;
    at += entity?.length ?? 1;
  }
  if (numbers.length > 2) return undefined;
  const size = numbers.find((one) => !one.limit)?.value;
  return [{ kind: "paging", size, maximum: numbers.find((one) => one.limit)?.value, sentence }];
};

const limits = phrases(
  "at most | up to | no more than | never more than | not more than | maximum | maximum of",
);

function isLimit(tokens: Tokens, at: number): boolean {
  return [1, 2, 3].some((back) => limits.at(tokens, at - back)?.length === back);
}

const already = phrases(
  "is already there | are already there | already exists | already exist | is already taken | is already known | are already known | is already in use | is already stored | are already stored | is already saved | are already saved | is in the system already | exists already | are there already | is there already | already there | is already in the list | is already present | are already present | is already used",
);
const plainDuplicates = phrases(
  "duplicates | duplicate entries | existing entries | duplicate rows | the duplicates | double entries | doubles | entries that already exist | existing ones | rows that are already there | on import duplicates | when importing , duplicates | when importing duplicates | during an import duplicates | during import , duplicates | during import duplicates | on import , duplicates | when importing , existing ones | duplicate",
);

/** `A bookmark whose address is already there is skipped`, `Duplicates are ignored`. */
export const readDuplicateRule: ClauseReader = (clause, scene): readonly Fact[] | undefined => {
  const { tokens, sentence } = clause;
  const mode = lastMode(tokens);
  if (mode === undefined) return undefined;
  const plain = plainDuplicates.at(tokens, 0);
  if (plain !== undefined) {
    const entity = scene.vocabulary.entityAt(tokens, plain.length);
    const from = plain.length + (entity?.length ?? 0);
    if (mode.at - from > 3) return undefined;
    return [{ kind: "duplicates", entity: entity?.value, mode: mode.value, sentence }];
  }
  const known = tokens.findIndex((_, at) => already.at(tokens, at) !== undefined);
  if (known < 0 || known > mode.at) return undefined;
  const gap = mode.at - known - (already.at(tokens, known)?.length ?? 0);
  if (gap > 4 || tokens.length - mode.at - mode.length > 3) return undefined;
  return [
    {
      kind: "duplicates",
      entity: scene.vocabulary.firstIn(tokens) ?? clause.topic,
      mode: mode.value,
      sentence,
    },
  ];
};

function lastMode(
  tokens: Tokens,
): { value: "skip" | "update" | "reject"; at: number; length: number } | undefined {
  for (let at = tokens.length - 1; at >= 0; at -= 1) {
    const match = duplicatePhrases.at(tokens, at);
    if (match !== undefined) return { value: match.value, at, length: match.length };
  }
  return undefined;
}
