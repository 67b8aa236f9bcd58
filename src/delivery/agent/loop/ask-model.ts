import type { RunBudget } from "../model/budget.ts";
import { ModelError } from "../model/errors.ts";
import type { Model, ModelAnswer } from "../model/model.port.ts";
import type { ModelPrice } from "../model/prices.ts";
import type { JournalPlace, JournalRecord } from "../model/prompt-journal.port.ts";
import type { AttemptHistory } from "./attempt-history.ts";
import type { Conversation } from "./conversation.ts";
import { redactedAnswer } from "./redact-answer.ts";

type WithoutPlace<R> = R extends unknown ? Omit<R, keyof JournalPlace | "ts"> : never;

/** A record of the journal without where and when. */
export type Entry = WithoutPlace<JournalRecord>;

/** One question of a conversation. */
export interface Question {
  readonly model: Model;
  readonly price: ModelPrice | undefined;
  readonly budget: RunBudget;
  readonly prompt: { readonly id: string };
  readonly maxOutputTokens: number;
  readonly conversation: Conversation;
  readonly history: AttemptHistory;
  readonly place: JournalPlace;
  readonly signal: AbortSignal;
  append(entry: Entry): Promise<void>;
}

/** An answer that was cut is asked for once more. */
const maxAsked = 2;

/**
 * The answer to a conversation: the journal's when it was paid for already. Else the most that it
 * can take is set aside, the intent is on record before the call and the answer before it is used.
 */
export async function askModel(question: Question): Promise<ModelAnswer> {
  const { conversation, history, place } = question;
  const known = history.answerTo(place.turn, conversation.digest);
  if (known !== undefined) return known;
  for (let asked = 1; ; asked += 1) {
    const answer = await askOnce(question);
    if (!(answer instanceof ModelError)) return answer;
    if (asked >= maxAsked) throw answer;
  }
}

/** The answer, or the error of one that was cut. */
async function askOnce(question: Question): Promise<ModelAnswer | ModelError> {
  const { model, price, budget, conversation, maxOutputTokens, signal } = question;
  const prompt = conversation.digest;
  const reservation = budget.reserve(
    { inputTokens: conversation.worstInputTokens, outputTokens: maxOutputTokens },
    price,
  );
  await question.append({
    kind: "intent",
    template: question.prompt.id,
    provider: model.provider,
    model: model.name,
    prompt,
    promptBytes: conversation.bytes,
    reservedMicrousd: reservation.microusd,
    reservedTokens: reservation.tokens,
  });
  try {
    const answer = redactedAnswer(await model.answer(conversation.request, signal));
    const spent = reservation.settle(answer.usage);
    const costMicrousd = reservation.microusd === null ? null : spent.microusd;
    await question.append({ kind: "answer", prompt, answer, costMicrousd });
    return answer;
  } catch (error) {
    // Told to stop: whether the call was answered is not known, so it stays reserved.
    if (signal.aborted || !(error instanceof ModelError)) throw error;
    const isCut = error.code === "AUTOSD-MODEL-CUT";
    if (isCut) reservation.settle(undefined);
    else reservation.release();
    await question.append({ kind: "call-failed", prompt, code: error.code });
    if (isCut) return error;
    throw error;
  }
}
