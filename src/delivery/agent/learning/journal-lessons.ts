import type { Attempt } from "../../backlog/backlog.ts";
import type { JournalRecord } from "../model/prompt-journal.port.ts";
import { AttemptReading, type Spending, type TurnFailure } from "./attempt-reading.ts";
import { failureClasses, gateClass, type FailureClass } from "./failure-class.ts";
import { LessonCount } from "./lesson-count.ts";
import { parseTemplateId } from "./template-id.ts";
import type { LessonPlace, TemplateLessons } from "./template-lessons.ts";

/** How an attempt was judged by its gates; undefined when the backlog does not say. */
export type JudgedAttempt = Pick<Attempt, "outcome" | "endedAt" | "evidence">;

/** Attempts that have not ended, of which a part is kept; the oldest is taken for left open. */
const maxOpen = 2_000;
/** Versions of templates that are told apart. */
const maxTemplates = 500;

interface OpenAttempt {
  readonly reading: AttemptReading;
  readonly place: LessonPlace;
  readonly seen: Map<string, Set<FailureClass>>;
  /** Planning: how the first and the second answer were judged. */
  readonly judged: string[];
  /** Made ahead of its turn: how it ended counts once it is known to be used. */
  isAhead: boolean;
  heldEnd: EndRecord | undefined;
}

type EndRecord = Extract<JournalRecord, { readonly kind: "end" }>;
type Judge = (story: string, attempt: number) => JudgedAttempt | undefined;

/** What journals teach, gathered record by record with bounded memory. */
export class JournalLessons {
  readonly #counts = new Map<string, LessonCount>();
  readonly #open = new Map<string, OpenAttempt>();
  /** Questions with templates whose ids cannot be read, or with too many. */
  passedOver = 0;

  /** Records of one journal come in the order in which they stand in it. */
  take(project: string, record: JournalRecord, judge: Judge): void {
    const key = keyOf(project, record);
    const attempt = this.#attemptOf(key, project, record);
    if (record.kind === "intent") this.#begin(attempt, record);
    const { reading } = attempt;
    const count = this.#countOf(reading.template);
    if (record.kind === "answer") count?.answer(record);
    if (record.kind === "call-failed") count?.failedCall();
    for (const failure of reading.take(record)) this.#note(attempt, failure);
    if (record.kind === "prefetch-start") attempt.isAhead = true;
    if (record.kind === "prefetch") this.#settleAhead(key, attempt, record.decision, judge);
    if (record.kind === "end") this.#takeEnd(key, attempt, record, judge);
  }

  #takeEnd(key: string, attempt: OpenAttempt, record: EndRecord, judge: Judge): void {
    if (record.story === "plan") {
      attempt.judged.push(record.outcome);
      if (record.outcome === "refused" && attempt.judged.length < 2) return;
    }
    if (attempt.isAhead) attempt.heldEnd = record;
    else this.#end(key, attempt, record, judge);
  }

  /** What was not used was never judged; the attempt begins anew under the same number. */
  #settleAhead(key: string, attempt: OpenAttempt, decision: string, judge: Judge): void {
    attempt.isAhead = false;
    if (decision === "stale" || decision === "discarded") this.#close(key, attempt);
    else if (attempt.heldEnd !== undefined) this.#end(key, attempt, attempt.heldEnd, judge);
  }

  /** Everything so far; what has not ended counts as open. */
  lessons(): readonly TemplateLessons[] {
    for (const [key, attempt] of this.#open) this.#close(key, attempt);
    return [...this.#counts.values()]
      .map((count) => count.lessons())
      .sort((a, b) =>
        a.name < b.name ? -1 : a.name > b.name ? 1 : a.firstTs < b.firstTs ? -1 : 1,
      );
  }

  #attemptOf(key: string, project: string, record: JournalRecord): OpenAttempt {
    const known = this.#open.get(key);
    if (known !== undefined) return known;
    const { run, story, attempt, turn } = record;
    const place = { project, run: clipped(run), story: clipped(story), attempt, turn };
    const opened: OpenAttempt = {
      ...{ reading: new AttemptReading(), place, seen: new Map(), judged: [] },
      ...{ isAhead: false, heldEnd: undefined },
    };
    this.#open.set(key, opened);
    for (const [oldest, one] of this.#open) {
      if (this.#open.size <= maxOpen) break;
      this.#close(oldest, one);
    }
    return opened;
  }

  /** An attempt counts for the template of its last question, failures for that of their answer. */
  #begin(attempt: OpenAttempt, record: Extract<JournalRecord, { readonly kind: "intent" }>): void {
    const count = this.#countOf(record.template);
    if (count === undefined) this.passedOver += 1;
    count?.asked(record, !attempt.seen.has(record.template));
    if (!attempt.seen.has(record.template)) attempt.seen.set(record.template, new Set());
  }

  #note(attempt: OpenAttempt, failure: TurnFailure): void {
    const place = { ...attempt.place, turn: failure.turn };
    this.#failed(attempt, failure.template, failure.kind, failure.spent, place);
  }

  #failed(
    attempt: OpenAttempt,
    template: string,
    kind: FailureClass,
    spent: Spending,
    place: LessonPlace,
  ): void {
    const seen = attempt.seen.get(template) ?? new Set<FailureClass>();
    this.#countOf(template)?.failure(kind, { spent, place, isFirst: !seen.has(kind) });
    attempt.seen.set(template, seen.add(kind));
  }

  #end(key: string, attempt: OpenAttempt, record: EndRecord, judge: Judge): void {
    this.#open.delete(key);
    const { template } = attempt.reading;
    const count = this.#countOf(template);
    if (record.story === "plan") {
      const isGood = record.outcome === "accepted";
      count?.ended(isGood ? (attempt.judged.length === 1 ? "good" : "rejected") : "failed");
      return;
    }
    const verdict = verdictOf(record, judge(record.story, record.attempt));
    count?.ended(verdict.end);
    const place = { ...attempt.place, turn: record.turn };
    for (const kind of verdict.kinds)
      this.#failed(attempt, template, kind, attempt.reading.spent, place);
  }

  #close(key: string, attempt: OpenAttempt): void {
    this.#open.delete(key);
    const wasAsked = attempt.judged.at(-1) === "refused" ? "failed" : "open";
    this.#countOf(attempt.reading.template)?.ended(wasAsked);
  }

  #countOf(template: string): LessonCount | undefined {
    const known = this.#counts.get(template);
    if (known !== undefined) return known;
    const id = parseTemplateId(template);
    if (id === undefined || this.#counts.size >= maxTemplates) return undefined;
    const count = new LessonCount(template, id);
    this.#counts.set(template, count);
    return count;
  }
}

interface Verdict {
  readonly end: "good" | "rejected" | "failed" | "open";
  readonly kinds: readonly FailureClass[];
}

/** The loop's own words for the ends of attempts (`attempt.ts`); tests hold both together. */
const endings: readonly (readonly [start: string, kind: FailureClass])[] = [
  ["no progress: ", "no-progress"],
  ["the conversation has outgrown", "context-outgrown"],
  ["the model stopped without calling done", "never-done"],
];

function verdictOf(record: EndRecord, judged: JudgedAttempt | undefined): Verdict {
  if (record.outcome !== "proposal") {
    const ending = endings.find(([start]) => record.reason.startsWith(start));
    return { end: "failed", kinds: ending === undefined ? [] : [ending[1]] };
  }
  // An attempt of the same number that was over before this one was proposed is another one.
  const isJudged = judged !== undefined && judged.endedAt !== null && record.ts <= judged.endedAt;
  if (!isJudged) return { end: "open", kinds: [] };
  if (judged.outcome === "verified") return { end: "good", kinds: [] };
  if (judged.outcome !== "rejected") return { end: "open", kinds: [] };
  const red = judged.evidence.filter((one) => one.verdict === "red");
  const kinds = red.flatMap((one) => gateClass(one.gate) ?? []);
  return { end: "rejected", kinds: [...new Set(kinds)] };
}

/** Questions of planning take two turns; each is an attempt of its own. */
function keyOf(project: string, { run, story, attempt, turn }: JournalRecord): string {
  const question = story === "plan" ? turn - (turn % 2) : "";
  return `${project}\0${run}\0${story}\0${attempt}\0${question}`;
}

const maxNameCharacters = 80;

function clipped(text: string): string {
  return text.slice(0, maxNameCharacters);
}

/** What a class of failure costs, in words. */
export function costsOf(kind: FailureClass): "answers" | "attempts" {
  return failureClasses[kind].costs === "turn" ? "answers" : "attempts";
}
