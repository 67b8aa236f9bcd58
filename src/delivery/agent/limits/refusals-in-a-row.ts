/** How often one call is refused in a row, nobody having been answered in between, before it gives up. */
export const maxRefusalsInARow = 60;
/** However many in total, also where others are answered all the time. */
export const maxRefusals = 1_000;
/** The longest pause that nobody asked for. */
const maxPauseMs = 600_000;

/** What is done about a refusal. */
export interface NextPause {
  /** When the server says nothing of how long. */
  readonly untoldMs: number;
  /** However little the server says. */
  readonly leastMs: number;
}

/**
 * The refusals of one call since anybody who shares its limit was last let through. The first one is
 * waited for as told; where that did not help pauses double, so that a server which says "one second"
 * for ever is not asked once a second. What others are refused does not count here.
 */
export class RefusalsInARow {
  readonly #firstMs: number;
  readonly #random: () => number;
  #count = 0;
  #total = 0;
  #answers: number | undefined;

  /** `firstMs`: of the first pause that is not told; `random`: in [0, 1), takes up to half of it away. */
  constructor(firstMs: number, random: () => number) {
    this.#firstMs = firstMs;
    this.#random = random;
  }

  get count(): number {
    return this.#count;
  }

  /** No further try is to be made. */
  get isOver(): boolean {
    return this.#count >= maxRefusalsInARow || this.#total >= maxRefusals;
  }

  /**
   * One more. `answers`: how many requests of all who share the limit had been let through when this
   * one was sent. `leftMs`: what may still be waited; a pause of our own is not longer.
   */
  add(answers: number, leftMs: number): NextPause {
    if (answers !== this.#answers) this.#count = 0;
    this.#answers = answers;
    this.#count += 1;
    this.#total += 1;
    const untoldMs = Math.min(this.#pauseMs(this.#count), Math.max(this.#firstMs, leftMs));
    const leastMs = this.#count === 1 ? 0 : Math.min(this.#pauseMs(this.#count - 1), leftMs);
    return { untoldMs, leastMs: Math.max(0, leastMs) };
  }

  #pauseMs(refusals: number): number {
    const fullMs = Math.min(maxPauseMs, this.#firstMs * 2 ** (refusals - 1));
    return Math.round(fullMs * (0.5 + this.#random() / 2));
  }
}
