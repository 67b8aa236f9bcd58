import { AttemptHistory } from "../loop/attempt-history.ts";
import type { ModelAnswer } from "../model/model.port.ts";
import { answerDigest, type OwnAnswers } from "./own-answers.ts";
import type { JournalRecord, PromptJournal } from "../model/prompt-journal.port.ts";

const maxPrompts = 20;
/** Of those of earlier runs, the newest. */
const maxAnswers = 100;

/** What the journal holds of planning: the answers of this run, and those that earlier runs went by. */
export class PlanHistory {
  readonly own: AttemptHistory;
  /** Ids of the prompts that planning asked with, newest first; few of them. */
  readonly prompts: readonly string[];
  readonly #ended: ReadonlySet<number>;
  readonly #accepted: ReadonlyMap<string, ModelAnswer>;

  private constructor(
    own: readonly JournalRecord[],
    accepted: ReadonlyMap<string, ModelAnswer>,
    prompts: ReadonlySet<string>,
  ) {
    this.prompts = [...prompts].toReversed().slice(0, maxPrompts);
    this.own = new AttemptHistory(own);
    this.#ended = new Set(own.flatMap((one) => (one.kind === "end" ? [one.turn] : [])));
    this.#accepted = accepted;
  }

  /** Reads the journal once; keeps what belongs to planning. */
  static async read(
    journal: PromptJournal,
    run: string,
    ownAnswers: Pick<OwnAnswers, "knows"> | undefined,
  ): Promise<PlanHistory> {
    const own: JournalRecord[] = [];
    const accepted = new AcceptedAnswers();
    const prompts = new Set<string>();
    for await (const record of journal.all({ story: "plan" })) {
      if (record.story !== "plan") continue;
      if (record.run === run) own.push(record);
      if (record.kind === "intent") prompts.add(record.template);
      accepted.add(record);
    }
    return new PlanHistory(own, await believed(accepted.byPrompt, ownAnswers), prompts);
  }

  /** The answer, first or second, that was accepted for a question that began with this prompt. */
  acceptedFor(prompt: string): ModelAnswer | undefined {
    return this.#accepted.get(prompt);
  }

  hasEnded(turn: number): boolean {
    return this.#ended.has(turn);
  }
}

/** What is not known to be an answer that was given here may have been written by anybody. */
async function believed(
  answers: ReadonlyMap<string, ModelAnswer>,
  ownAnswers: Pick<OwnAnswers, "knows"> | undefined,
): Promise<ReadonlyMap<string, ModelAnswer>> {
  const known = new Map<string, ModelAnswer>();
  for (const [prompt, answer] of [...answers].slice(-maxAnswers))
    if (await ownAnswers?.knows(answerDigest(answer))) known.set(prompt, answer);
  return known;
}

/** Questions take two turns: the first prompt stands at the even one. */
class AcceptedAnswers {
  readonly byPrompt = new Map<string, ModelAnswer>();
  /** One question, and the same with less room for its answer when it was too long. */
  readonly #prompts = new Map<string, readonly string[]>();
  readonly #answers = new Map<string, ModelAnswer>();

  add(record: JournalRecord): void {
    const { run, turn } = record;
    const question = `${run} ${turn - (turn % 2)}`;
    if (record.kind === "intent" && turn % 2 === 0)
      this.#prompts.set(question, [...(this.#prompts.get(question) ?? []), record.prompt]);
    if (record.kind === "answer") this.#answers.set(question, record.answer);
    if (record.kind !== "end" || record.outcome !== "accepted") return;
    const answer = this.#answers.get(question);
    if (answer === undefined) return;
    for (const prompt of this.#prompts.get(question) ?? []) this.byPrompt.set(prompt, answer);
  }
}
