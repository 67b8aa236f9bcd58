import type { ProductModel } from "../model/product-model.ts";
import type { Contradiction } from "./field-bounds.ts";

/** A reading that the document leaves open, with the check by which it would be found wrong. */
export interface Assumption {
  readonly text: string;
  readonly criterion: string;
}

/** A wording that could mean something else too. */
export interface Ambiguity {
  readonly text: string;
  readonly reading: string;
  readonly sentences: readonly string[];
}

/** The model, and what its reader had to decide on the way. */
export interface ProductReading {
  readonly model: ProductModel;
  readonly assumptions: readonly Assumption[];
  readonly ambiguities: readonly Ambiguity[];
  readonly contradictions: readonly Contradiction[];
}

/** Collects what one reading decides; used while a model is built and read afterwards. */
export class Decisions {
  readonly assumptions: Assumption[] = [];
  readonly ambiguities: Ambiguity[] = [];
  readonly contradictions: Contradiction[] = [];
  readonly #unread = new Map<string, string[]>();

  assume(text: string, criterion: string): void {
    if (!this.assumptions.some((one) => one.text === text))
      this.assumptions.push({ text, criterion });
  }

  contradict(found: readonly Contradiction[]): void {
    this.contradictions.push(...found);
  }

  /** Reports a sentence as not understood, as a whole or in part. */
  report(sentence: string, reason: string): void {
    const reasons = this.#unread.get(sentence) ?? [];
    if (!reasons.includes(reason)) reasons.push(reason);
    this.#unread.set(sentence, reasons);
  }

  /** A question that the document asks itself. */
  leaveOpen(sentence: string, text: string): void {
    this.ambiguities.push({ text, reading: "not asked for.", sentences: [sentence] });
  }

  get unread(): ReadonlyMap<string, readonly string[]> {
    return this.#unread;
  }
}
