import type { FileLines } from "./file-lines.ts";

/** Whose record it is. */
export interface RecordPlace {
  readonly run: string;
  readonly story: string;
  readonly attempt: number;
}

/** Neighbouring lines of one place: bytes from `start` to `end`. */
interface Span {
  readonly place: RecordPlace;
  readonly start: number;
  end: number;
}

/**
 * Where in a journal the records of each attempt stand, so that it is parsed once a process and not
 * at each question. Whole lines are never taken back, so only what was added is read; a file that
 * shrank or became another is read anew.
 */
export class JournalIndex<R extends RecordPlace> {
  readonly #lines: FileLines;
  readonly #parse: (line: string) => R | undefined;
  #identity = "";
  #end = 0;
  #count = 0;
  #firstDamaged: number | undefined;
  #spans: Span[] = [];
  #refreshing: Promise<void> = Promise.resolve();

  constructor(lines: FileLines, parse: (line: string) => R | undefined) {
    this.#lines = lines;
    this.#parse = parse;
  }

  /** Throws what `damaged` makes of the first line that is no record, wherever it stands. */
  async *records(
    isWanted: (place: RecordPlace) => boolean,
    damaged: (line: number) => Error,
  ): AsyncGenerator<R> {
    await this.#refresh();
    if (this.#firstDamaged !== undefined) throw damaged(this.#firstDamaged);
    for (const { start, end } of joined(this.#spans.filter(({ place }) => isWanted(place))))
      for await (const line of this.#lines.from(start, end)) {
        const record = this.#parse(line.text);
        if (record !== undefined && isWanted(record)) yield record;
      }
  }

  /** One at a time: two readers would index the same lines twice. */
  async #refresh(): Promise<void> {
    const next = this.#refreshing.then(() => this.#readOn());
    this.#refreshing = next.catch(() => undefined);
    return next;
  }

  async #readOn(): Promise<void> {
    const state = await this.#lines.state();
    if (state === undefined || state.identity !== this.#identity || state.size < this.#end)
      this.#forget(state?.identity ?? "");
    if (state === undefined || state.size === this.#end) return;
    for await (const line of this.#lines.from(this.#end)) {
      this.#count += 1;
      this.#end = line.end;
      if (line.text === "") continue;
      const place = this.#parse(line.text);
      if (place === undefined) this.#firstDamaged ??= this.#count;
      else this.#note(place, line.start, line.end);
    }
  }

  #note({ run, story, attempt }: RecordPlace, start: number, end: number): void {
    const last = this.#spans.at(-1);
    const isSame =
      last?.end === start &&
      last.place.run === run &&
      last.place.story === story &&
      last.place.attempt === attempt;
    if (isSame) last.end = end;
    else this.#spans.push({ place: { run, story, attempt }, start, end });
  }

  #forget(identity: string): void {
    this.#identity = identity;
    this.#end = 0;
    this.#count = 0;
    this.#firstDamaged = undefined;
    this.#spans = [];
  }
}

/** Spans that touch are read in one go. */
function joined(spans: readonly Span[]): readonly { readonly start: number; end: number }[] {
  const ranges: { start: number; end: number }[] = [];
  for (const { start, end } of spans) {
    const last = ranges.at(-1);
    if (last?.end === start) last.end = end;
    else ranges.push({ start, end });
  }
  return ranges;
}
