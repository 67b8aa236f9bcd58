import type { Fact } from "./facts.ts";
import { phrases } from "./phrase-table.ts";
import type { Clause, ClauseReader } from "./scene.ts";
import { type Token, type Tokens, wordAt } from "./tokens.ts";

const tokenWords = phrases(
  "token | tokens | api key | api keys | access token | access tokens | bearer token | bearer tokens | api token | api tokens | secret token | access key | access keys | bearer authentication | token authentication | bearer-token | bearer token authentication",
);

const demands = new Set(
  "only must need needs required require requires protected refused rejected valid may every without nobody no-one secured authenticated guarded checked unless should authorization".split(
    " ",
  ),
);
const allowed = new Set(
  (
    "only people person somebody those someone with a an the valid known one of our secret may can use service api app system it every each request requests call calls to must carry carries have has need needs requires require required is are be without no any " +
    "refused rejected and for reading as well changing all access protected by through in header authorization bearer send sends sent nobody else who whoever that endpoint endpoints operation operations show changes change writing write read anything something everything do " +
    "authenticate authenticated authentication using via secured guarded client clients caller callers user users not or get gets in their at data reader readers should carries given allowed accepted otherwise then check checked checks this product http 401 answered status code unauthorized answer answers too also both come comes include hold holds make makes who's"
  ).split(" "),
);
const publicReading = phrases(
  "reading is public | reading is open to all | anyone may read | anyone can read | everybody may read | everyone may read | everyone can read | everybody can read | reading is open | reading is free | anyone can look | reading needs no token | reading requires no token | reading does not need a token | reading without a token is allowed | everybody else may only read | everyone else may only read | without a token one can only read | open to all for reading | " +
    "reading is open to everyone | reading is open to everybody | reading is allowed without a token | reading does not require a token | reading needs none | no token is needed for reading | reading is allowed for everyone | reading is allowed to everyone | anyone may browse | everybody may look | anyone may look | everyone may look",
);
const writing = new Set(
  "change changes changing write writing create add edit delete modify adding editing deleting removing remove updating update modifying correct correcting creating modifying save alter".split(
    " ",
  ),
);

/** `Only people with a token may use the service`, `Reading is public`. */
export const readAccess: ClauseReader = (clause) => {
  const { tokens } = clause;
  const open = findPublic(tokens);
  const tokenAt = tokens.findIndex((_, at) => tokenWords.at(tokens, at) !== undefined);
  if (open !== undefined) return publicFacts(clause, open, tokenAt);
  if (tokenAt < 0 || !tokens.some((token) => demands.has(token.word))) return undefined;
  const rest = tokens.filter(
    (token, at) =>
      !isTokenWord(tokens, at) &&
      token.kind !== "mark" &&
      token.text !== "" &&
      !allowed.has(token.word) &&
      !writing.has(token.word),
  );
  // `Only organisers with a token`: whoever has one is an organiser.
  if (rest.length === 1 && isHolder(tokens, rest[0])) rest.pop();
  if (rest.length > 2) return undefined;
  const writes = tokens.some((token) => writing.has(token.word));
  const reads = tokens.some((token) =>
    /^(read|reading|use|see|every|all|each|any|everything)$/.test(token.word),
  );
  const facts: Fact[] = [
    { kind: "access", publicReads: writes && !reads ? true : undefined, sentence: clause.sentence },
  ];
  if (rest.length > 0)
    facts.push({
      kind: "unread",
      sentence: clause.sentence,
      reason: `not understood: “${rest.map((token) => token.text).join(" ")}”`,
    });
  return facts;
};

function isHolder(tokens: Tokens, word: Token | undefined): boolean {
  const at = word === undefined ? -1 : tokens.indexOf(word);
  return at >= 0 && /^(with|who|having|holding)$/.test(wordAt(tokens, at + 1));
}

function isTokenWord(tokens: Tokens, at: number): boolean {
  return [0, 1, 2].some((back) => {
    const match = tokenWords.at(tokens, at - back);
    return match !== undefined && match.length > back;
  });
}

function findPublic(tokens: Tokens): { at: number; length: number } | undefined {
  for (let at = 0; at < tokens.length; at += 1) {
    const match = publicReading.at(tokens, at);
    if (match !== undefined) return { at, length: match.length };
  }
  return undefined;
}

function publicFacts(
  clause: Clause,
  open: { at: number; length: number },
  tokenAt: number,
): readonly Fact[] | undefined {
  const outside = clause.tokens.filter(
    (_, at) => (at < open.at || at >= open.at + open.length) && !isTokenWord(clause.tokens, at),
  );
  const unknown = outside.filter(
    (token) =>
      token.kind !== "mark" &&
      token.text !== "" &&
      !allowed.has(token.word) &&
      !writing.has(token.word),
  );
  const strange = unknown.filter((token) => !isHolder(clause.tokens, token));
  if (strange.length > 3) return undefined;
  const facts: Fact[] = [{ kind: "access", publicReads: true, sentence: clause.sentence }];
  if (strange.length > 0 && tokenAt < 0)
    facts.push({
      kind: "unread",
      sentence: clause.sentence,
      reason: `not understood: “${strange.map((token) => token.text).join(" ")}”`,
    });
  return facts;
}
