import type { JournalRecord } from "../model/prompt-journal.port.ts";
import { type Spending, spentOn } from "./attempt-reading.ts";
import type { FailureClass } from "./failure-class.ts";
import type { TemplateId } from "./template-id.ts";
import type { AttemptEnds, Finding, LessonPlace, TemplateLessons } from "./template-lessons.ts";

const maxModels = 10;
const maxPlaces = 3;
const maxModelCharacters = 80;

type Counted<T> = { -readonly [K in keyof T]: T[K] };

/** The figures of one version of a template. */
export class LessonCount {
  readonly #figures: Counted<Omit<TemplateLessons, "models" | "ends" | "findings">>;
  readonly #models = new Set<string>();
  readonly #ends: Counted<AttemptEnds> = { good: 0, rejected: 0, failed: 0, open: 0 };
  readonly #findings = new Map<FailureClass, Counted<Omit<Finding, "places">>>();
  readonly #places = new Map<FailureClass, LessonPlace[]>();

  constructor(id: string, { name, version, scope }: TemplateId) {
    this.#figures = {
      ...{ id, name, version, scope, firstTs: "", lastTs: "" },
      ...{ attempts: 0, calls: 0, failedCalls: 0 },
      ...{ inputTokens: 0, outputTokens: 0, cachedTokens: 0, callsWithoutUsage: 0 },
      ...{ microusd: 0, callsWithoutPrice: 0, retries: 0, brokenOff: 0 },
    };
  }

  asked(record: Extract<JournalRecord, { readonly kind: "intent" }>, isNewAttempt: boolean): void {
    const figures = this.#figures;
    if (isNewAttempt) figures.attempts += 1;
    if (figures.firstTs === "" || record.ts < figures.firstTs) figures.firstTs = record.ts;
    if (record.ts > figures.lastTs) figures.lastTs = record.ts;
    if (this.#models.size < maxModels)
      this.#models.add(`${record.provider}/${record.model}`.slice(0, maxModelCharacters));
  }

  answer(record: Extract<JournalRecord, { readonly kind: "answer" }>): void {
    const figures = this.#figures;
    const { usage, facts } = record.answer;
    figures.calls += 1;
    figures.inputTokens += usage.inputTokens ?? 0;
    figures.outputTokens += usage.outputTokens ?? 0;
    figures.cachedTokens += usage.cachedInputTokens ?? 0;
    if (usage.inputTokens === undefined || usage.outputTokens === undefined)
      figures.callsWithoutUsage += 1;
    figures.microusd += spentOn(record).microusd;
    if (record.costMicrousd === null) figures.callsWithoutPrice += 1;
    figures.retries += facts.retries;
    figures.brokenOff += facts.cuts ?? 0;
  }

  failedCall(): void {
    this.#figures.failedCalls += 1;
  }

  ended(end: keyof AttemptEnds): void {
    this.#ends[end] += 1;
  }

  failure(
    kind: FailureClass,
    of: { readonly spent: Spending; readonly place: LessonPlace; readonly isFirst: boolean },
  ): void {
    const none = { kind, count: 0, attempts: 0, tokens: 0, microusd: 0 };
    const finding = this.#findings.get(kind) ?? none;
    finding.count += 1;
    if (of.isFirst) finding.attempts += 1;
    const places = this.#places.get(kind) ?? [];
    // Two edits that one answer got wrong cost that answer once.
    const last = places.at(-1);
    const isSameAnswer =
      last !== undefined && !of.isFirst && this.#lastKey.get(kind) === placeKey(of.place);
    if (!isSameAnswer) {
      finding.tokens += of.spent.tokens;
      finding.microusd += of.spent.microusd;
      if (places.length < maxPlaces) places.push(of.place);
    }
    this.#lastKey.set(kind, placeKey(of.place));
    this.#findings.set(kind, finding);
    this.#places.set(kind, places);
  }

  readonly #lastKey = new Map<FailureClass, string>();

  lessons(): TemplateLessons {
    const findings = [...this.#findings.values()]
      .map((finding) => ({ ...finding, places: this.#places.get(finding.kind) ?? [] }))
      .sort((a, b) => b.tokens - a.tokens || b.count - a.count || (a.kind < b.kind ? -1 : 1));
    return { ...this.#figures, models: [...this.#models].sort(), ends: this.#ends, findings };
  }
}

function placeKey(place: LessonPlace): string {
  return `${place.project}\0${place.run}\0${place.story}\0${place.attempt}\0${place.turn}`;
}
