import type { CallSize, Purse, Reservation, Spent } from "../model/budget.ts";
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
  readonly budget: Purse;
  readonly prompt: { readonly id: string };
  readonly conversation: Conversation;
  readonly history: AttemptHistory;
  readonly place: JournalPlace;
  readonly signal: AbortSignal;
  append(entry: Entry): Promise<void>;
}

/** A cut answer is asked for once more below: of one question at most two answers are paid for. */
const maxPaidAnswers = 2;

/**
 * The answer to a conversation: the journal's when it was paid for already. Else the most that it
 * can take is set aside, the intent is on record before the call and the answer before it is used.
 */
export async function askModel(question: Question): Promise<ModelAnswer> {
  const { model, conversation, signal } = question;
  const prompt = conversation.digest;
  const known = question.history.answerTo(question.place.turn, prompt);
  if (known !== undefined) return known;
  const size = { input: conversation.worstInputTokens, output: conversation.maxOutputTokens };
  const reservation = await setAside(question, {
    inputTokens: maxPaidAnswers * size.input,
    outputTokens: maxPaidAnswers * size.output,
  });
  try {
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
  } catch (error) {
    // Nothing was asked; whoever waits for what was set aside must not wait for ever.
    reservation.release();
    throw error;
  }
  try {
    const answer = redactedAnswer(await model.answer(conversation.request, signal));
    const count = answer.facts.cuts ?? 0;
    const spent = reservation.settle(answer.usage, { count, outputTokens: size.output });
    const costMicrousd = reservation.microusd === null ? null : spent.microusd;
    await question.append({
      kind: "answer",
      prompt,
      answer,
      costMicrousd,
      ...(count > 0 ? { spentTokens: spent.tokens } : {}),
    });
    return answer;
  } catch (error) {
    if (signal.aborted || !(error instanceof ModelError)) {
      // Told to stop: whether the call was answered is not known, so it counts as it was set aside.
      reservation.settle(undefined);
      throw error;
    }
    const spent = settleFailed(reservation, error, size);
    const costMicrousd = reservation.microusd === null ? null : spent.microusd;
    await question.append({
      kind: "call-failed",
      prompt,
      code: error.code,
      spentTokens: spent.tokens,
      costMicrousd,
      ...(error.contextTokens === undefined ? {} : { contextTokens: error.contextTokens }),
    });
    throw error;
  }
}

/**
 * The same; a request that the provider finds too long is shortened and asked once more. On resume
 * what is on record as too long is not sent again.
 */
export async function askWithinContext(question: Question): Promise<ModelAnswer> {
  const { conversation, history, place } = question;
  const onRecord = history.tooLong(place.turn, conversation.digest);
  if (onRecord !== undefined) {
    conversation.shrinkTo(onRecord.stated);
    return askModel(question);
  }
  try {
    return await askModel(question);
  } catch (error) {
    if (!(error instanceof ModelError) || error.code !== "AUTOSD-MODEL-CONTEXT") throw error;
    if (!conversation.shrinkTo(error.contextTokens)) throw error;
    return askModel(question);
  }
}

/** How long an answer was that came to nothing, nobody says: it costs the most that it can have. */
function settleFailed(
  reservation: Reservation,
  error: ModelError,
  size: { readonly input: number; readonly output: number },
): Spent {
  const count = error.paidAnswers ?? (error.code === "AUTOSD-MODEL-CUT" ? maxPaidAnswers : 0);
  return reservation.settle({
    inputTokens: count * size.input,
    outputTokens: count * size.output,
    cachedInputTokens: undefined,
  });
}

/** Calls ahead of their turn set aside more than they take: what they leave is waited for. */
const maxWaitsForOthers = 1_000;

/** Waits for what calls ahead of their turn leave, when that is all that is missing. */
export async function setAside(
  { budget, price, signal }: Pick<Question, "budget" | "price" | "signal">,
  size: CallSize,
): Promise<Reservation> {
  for (let waits = 0; ; waits += 1) {
    try {
      return budget.reserve(size, price);
    } catch (error) {
      const isSpent = error instanceof ModelError && error.code === "AUTOSD-BUDGET-SPENT";
      const freed = isSpent && waits < maxWaitsForOthers ? budget.freed() : undefined;
      if (freed === undefined) throw error;
      await freed;
      signal.throwIfAborted();
    }
  }
}
