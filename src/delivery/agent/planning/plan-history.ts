import { AttemptHistory } from "../loop/attempt-history.ts";
import type { ModelAnswer } from "../model/model.port.ts";
import type { JournalRecord, PromptJournal } from "../model/prompt-journal.port.ts";

const maxPrompts = 20;

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
  static async read(journal: PromptJournal, run: string): Promise<PlanHistory> {
    const own: JournalRecord[] = [];
    const accepted = new AcceptedAnswers();
    const prompts = new Set<string>();
    for await (const record of journal.all({ story: "plan" })) {
      if (record.story !== "plan") continue;
      if (record.run === run) own.push(record);
      if (record.kind === "intent") prompts.add(record.template);
      accepted.add(record);
    }
    return new PlanHistory(own, accepted.byPrompt, prompts);
  }

  /** The answer, first or second, that was accepted for a question that began with this prompt. */
  acceptedFor(prompt: string): ModelAnswer | undefined {
    return this.#accepted.get(prompt);
  }

  hasEnded(turn: number): boolean {
    return this.#ended.has(turn);
  }
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
