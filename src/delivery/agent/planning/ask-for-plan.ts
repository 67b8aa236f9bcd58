import { isoTime, type Clock } from "../../../kernel/clock.ts";
import { canonicalJson } from "../../../kernel/canonical-json.ts";
import { askWithinContext, type Entry } from "../loop/ask-model.ts";
import { Conversation } from "../loop/conversation.ts";
import { cutMiddle } from "../loop/cut-text.ts";
import { clean } from "../loop/redact-answer.ts";
import type { RunBudget } from "../model/budget.ts";
import { ModelError } from "../model/errors.ts";
import type { JsonSchema, Model, ModelAnswer } from "../model/model.port.ts";
import type { ModelPrice } from "../model/prices.ts";
import type { JournalPlace, PromptJournal } from "../model/prompt-journal.port.ts";
import { answerJson } from "./answer-json.ts";
import { answerDigest, type OwnAnswers } from "./own-answers.ts";
import { PlanHistory } from "./plan-history.ts";

/** What planning with a model works with. */
export interface PlanningParts {
  readonly model: Model;
  /** Undefined: not known. */
  readonly price: ModelPrice | undefined;
  readonly budget: RunBudget;
  readonly journal: PromptJournal;
  readonly clock: Clock;
  /** Run id: where in the journal calls belong. */
  readonly run: string;
  readonly contextTokens: number;
  readonly maxOutputTokens: number;
  /** Absent: no answer that another run was given is used. */
  readonly ownAnswers?: OwnAnswers | undefined;
}

/** A prompt of `templates/prompts`: `refine@1` and its text. */
export interface PlanPrompt {
  readonly id: string;
  readonly text: string;
}

/** What a check makes of an answer; each problem is one sentence that the model is told. */
export type Checked<T> =
  | { readonly kind: "accepted"; readonly value: T }
  | { readonly kind: "refused"; readonly problems: readonly string[] };

export interface PlanQuestion<T> {
  /** First turn of the question in the run's plan; the next one is for asking again. */
  readonly turn: number;
  readonly prompt: PlanPrompt;
  /** An earlier version of the prompt, while it is there as it was; undefined for other prompts. */
  readonly earlierPrompt?: (id: string) => Promise<PlanPrompt | undefined>;
  readonly schema: { readonly name: string; readonly schema: JsonSchema };
  /** The first message: facts, quoted as data. */
  readonly first: string;
  check(value: unknown): Checked<T>;
}

const maxProblems = 30;
const maxProblemCharacters = 400;
/** Of a bad answer, so much is sent back at most. */
const maxBadCharacters = 60_000;

/**
 * The checked answer to a question of planning. A bad answer is asked for once more, with what is
 * wrong with it; a second one is AUTOSD-MODEL-ANSWER: nothing is made up in its place. An answer
 * that the journal holds is not paid again, also when an earlier run of the same project asked the
 * very same: planning anew would make other stories of what is built already.
 */
export async function askForPlan<T>(
  parts: PlanningParts,
  given: PlanQuestion<T>,
  signal: AbortSignal,
): Promise<T> {
  signal.throwIfAborted();
  const history = await PlanHistory.read(parts.journal, parts.run, parts.ownAnswers);
  const question = await asAnswered(parts, given, history);
  const conversation = conversationOf(parts, question);
  refuseTooLong(parts, conversation);
  const asked = { parts, question, conversation, history, signal };
  const earlier = history.acceptedFor(conversation.digest);
  if (earlier !== undefined) {
    const checked = checkedAnswer(question, earlier);
    if (checked.kind === "accepted") return checked.value;
  }
  const first = await turnOf(asked, 0);
  if (first.checked.kind === "accepted") return first.checked.value;
  conversation.learn(first.answer.usage);
  const bad = cutMiddle(first.answer.text, first.isCut ? 1_000 : maxBadCharacters);
  conversation.append({ role: "assistant", text: bad, toolCalls: [] });
  conversation.append({ role: "user", text: askingAgain(first.checked.problems) });
  const second = await turnOf(asked, 1);
  if (second.checked.kind === "accepted") return second.checked.value;
  throw refusal(parts.model, question, second.checked.problems);
}

/** With the prompt in force, unless an earlier version of it has its answer already. */
async function asAnswered<T>(
  parts: PlanningParts,
  question: PlanQuestion<T>,
  history: PlanHistory,
): Promise<PlanQuestion<T>> {
  const isAnswered = (one: PlanQuestion<T>): boolean => {
    const { digest } = conversationOf(parts, one);
    const own = history.own.answerTo(one.turn, digest);
    return own !== undefined || history.acceptedFor(digest) !== undefined;
  };
  if (isAnswered(question)) return question;
  for (const id of history.prompts) {
    const prompt = await question.earlierPrompt?.(id);
    if (prompt !== undefined && isAnswered({ ...question, prompt })) return { ...question, prompt };
  }
  return question;
}

interface Asked<T> {
  readonly parts: PlanningParts;
  readonly question: PlanQuestion<T>;
  readonly conversation: Conversation;
  readonly history: PlanHistory;
  readonly signal: AbortSignal;
}

interface Turn<T> {
  readonly answer: ModelAnswer;
  readonly isCut: boolean;
  readonly checked: Checked<T>;
}

async function turnOf<T>(asked: Asked<T>, offset: 0 | 1): Promise<Turn<T>> {
  const { parts, question, conversation, history, signal } = asked;
  const place: JournalPlace = {
    run: parts.run,
    story: "plan",
    attempt: 1,
    turn: question.turn + offset,
  };
  const append = async (entry: Entry): Promise<void> =>
    parts.journal.append({ ...place, ts: isoTime(parts.clock.now()), ...entry });
  const answer = await askWithinContext({
    model: withSchema(parts.model, question.schema),
    price: parts.price,
    budget: parts.budget,
    prompt: question.prompt,
    conversation,
    history: history.own,
    place,
    signal,
    append,
  });
  const checked = checkedAnswer(question, answer);
  if (checked.kind === "accepted") await parts.ownAnswers?.remember(answerDigest(answer));
  const { id } = question.prompt;
  if (!history.hasEnded(place.turn))
    await append(
      checked.kind === "accepted"
        ? { kind: "end", outcome: "accepted", reason: id }
        : { kind: "end", outcome: "refused", reason: clean(checked.problems.join(" ")) },
    );
  return { answer, isCut: answer.finish === "length", checked };
}

function conversationOf<T>(parts: PlanningParts, question: PlanQuestion<T>): Conversation {
  return new Conversation({
    system: question.prompt.text,
    tools: [],
    maxOutputTokens: parts.maxOutputTokens,
    first: clean(question.first),
    circumstances: {
      prompt: question.prompt.id,
      provider: parts.model.provider,
      model: parts.model.name,
      // It is sent with every call: as a circumstance it is part of the digest and of the size.
      answerSchema: canonicalJson(question.schema),
    },
  });
}

/** The same model, held to a shape of its answers. */
function withSchema(
  model: Model,
  answerSchema: { readonly name: string; readonly schema: JsonSchema },
): Model {
  return {
    provider: model.provider,
    name: model.name,
    answer: (request, signal) => model.answer({ ...request, answerSchema }, signal),
  };
}

function checkedAnswer<T>(question: PlanQuestion<T>, answer: ModelAnswer): Checked<T> {
  if (answer.finish === "length")
    return refused(["the answer was cut at the longest length that it may have; write less"]);
  const parsed = answerJson(answer.text);
  if (parsed.kind === "refused")
    return refused([`the answer is no JSON object: ${parsed.message}`]);
  const checked = question.check(parsed.value);
  return checked.kind === "accepted" ? checked : refused(checked.problems);
}

/** At most so many problems, each of a bounded length: they quote what a model wrote. */
function refused<T>(problems: readonly string[]): Checked<T> {
  const shown = problems.slice(0, maxProblems).map((one) => cutMiddle(one, maxProblemCharacters));
  const more = problems.length - shown.length;
  return { kind: "refused", problems: more > 0 ? [...shown, `and ${more} more`] : shown };
}

function askingAgain(problems: readonly string[]): string {
  const list = problems.map((problem) => `- ${problem}`).join("\n");
  return `The answer cannot be used:\n${list}\nAnswer again with the whole JSON object and nothing else.`;
}

function refusal<T>(
  model: Model,
  question: PlanQuestion<T>,
  problems: readonly string[],
): ModelError {
  const [first = ""] = problems;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : "";
  return new ModelError(
    "AUTOSD-MODEL-ANSWER",
    `${model.name} gave no usable answer to ${question.prompt.id}, asked twice: ${first}${more}`,
    { details: { model: model.name, prompt: question.prompt.id, problems } },
  );
}

function refuseTooLong(parts: PlanningParts, conversation: Conversation): void {
  const needed = conversation.estimatedTokens + parts.maxOutputTokens;
  if (needed <= parts.contextTokens) return;
  throw new ModelError(
    "AUTOSD-MODEL-REFUSED",
    `the requirements and room for the answer take about ${needed} tokens; the context of ${parts.model.name} is taken to hold ${parts.contextTokens}`,
    {
      remedy:
        "Split the requirements into products of their own, each in a folder of its own; or say with modelContextTokens in config.json that the model takes more.",
    },
  );
}
