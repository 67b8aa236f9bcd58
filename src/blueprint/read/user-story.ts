import { phrases } from "./phrase-table.ts";
import { actorName } from "./active-start.ts";
import { modalPhrases } from "./phrases/sentence-phrases.ts";
import { textOf, type Tokens, wordAt } from "./tokens.ts";

/** What is asked for, who asks and why. */
export interface Wish {
  readonly tokens: Tokens;
  readonly actor: string | undefined;
  readonly benefit: string | undefined;
  /** True for `As a reader I want to ...`: `tokens` begin with a verb. */
  readonly verbFirst: boolean;
}

const purpose = phrases(
  "so that | in order to | in order that | so i can | so we can | so they can | so i | because | so you can | so we | so they | since | to make sure that | for then | such that",
);

/** Takes the reason (`so that ...`) and the frame of a user story (`As a reader I want to ...`) off a clause. */
export function readWish(tokens: Tokens): Wish {
  const { rest, benefit } = withoutPurpose(tokens);
  const story = storyFrame(rest);
  return story === undefined
    ? { tokens: rest, actor: undefined, benefit, verbFirst: false }
    : { ...story, benefit, verbFirst: true };
}

function withoutPurpose(tokens: Tokens): {
  readonly rest: Tokens;
  readonly benefit: string | undefined;
} {
  for (let at = 2; at < tokens.length - 1; at += 1) {
    const match = purpose.at(tokens, at);
    if (match === undefined) continue;
    const from =
      at +
      match.length -
      (/^(can|i|we|they|you)$/.test(wordAt(tokens, at + match.length - 1)) ? match.length - 1 : 0);
    let end = at;
    while (end > 0 && /^[,;]$/.test(wordAt(tokens, end - 1))) end -= 1;
    return { rest: tokens.slice(0, end), benefit: textOf(tokens, from) };
  }
  return { rest: tokens, benefit: undefined };
}

function storyFrame(
  tokens: Tokens,
): { readonly tokens: Tokens; readonly actor: string | undefined } | undefined {
  if (wordAt(tokens, 0) !== "as" || !/^(a|an|the|somebody|someone)$/.test(wordAt(tokens, 1)))
    return undefined;
  const subject = tokens.findIndex((token, at) => at > 1 && /^(i|we)$/.test(token.word));
  if (subject < 0 || subject > 10) return undefined;
  const modal = modalPhrases.at(tokens, subject + 1);
  if (modal === undefined) return undefined;
  const end = wordAt(tokens, subject - 1) === "," ? subject - 1 : subject;
  return {
    tokens: tokens.slice(subject + 1 + modal.length),
    actor: actorName(tokens.slice(1, end)),
  };
}

/** The three parts of `Given ..., when ..., then ...`; undefined for other sentences. */
export interface Scenario {
  readonly when: Tokens;
  readonly then: Tokens;
}

/** Splits a scenario; the `given` part only sets the scene. */
export function readScenario(tokens: Tokens): Scenario | undefined {
  if (!/^(given|when)$/.test(wordAt(tokens, 0))) return undefined;
  const when = tokens.findIndex((token) => token.word === "when");
  const then = tokens.findIndex((token, at) => at > when && token.word === "then");
  if (when < 0 || then < 0) return undefined;
  const end = wordAt(tokens, then - 1) === "," ? then - 1 : then;
  return { when: tokens.slice(when + 1, end), then: tokens.slice(then + 1) };
}

const outcomes = phrases(
  "is gone | it is gone | is no longer | is saved | is stored | appears in | is in the list | is listed | is shown | is refused | are refused | is rejected | is created | is added | is found | is not found | get an error | an error | gets an error | is updated | is changed | is deleted | is removed | " +
    "disappears | are listed | are shown | are found | is kept | are kept | is marked | can be found | has been saved | the answer is | nothing is found | i see it | i see the | comes first | come first | is not saved | is not created | not created | only the | i get | see only | is there",
);

/** True when what must come out is what the operation does anyway. */
export function isPlainOutcome(tokens: Tokens): boolean {
  return tokens.some((_, at) => outcomes.at(tokens, at) !== undefined);
}
