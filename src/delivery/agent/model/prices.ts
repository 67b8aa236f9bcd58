import { ModelError } from "./errors.ts";
import type { TokenUsage } from "./model.port.ts";

/** Millionths of a US dollar for a million tokens. */
export interface ModelPrice {
  readonly input: number;
  readonly cachedInput: number;
  readonly output: number;
}

/** By the model's name, as its provider names it. autosd has no prices of its own: they change. */
export type PriceTable = Readonly<Record<string, ModelPrice>>;

/** A model's dated releases (`-2025-04-14`, `-20250514`) cost the same. Undefined: not known, never guessed. */
export function priceOf(table: PriceTable, model: string): ModelPrice | undefined {
  const names = [model, model.replace(/-(?:\d{4}-\d{2}-\d{2}|\d{8})$/, "")];
  const name = names.find((one) => Object.hasOwn(table, one));
  return name === undefined ? undefined : table[name];
}

/**
 * Refuses before the first call to keep a budget of money for models whose prices are not known:
 * the first one would be paid for before the second is refused.
 */
export function refuseUnpriced(table: PriceTable, models: readonly string[], file: string): void {
  const unknown = models.find((model) => priceOf(table, model) === undefined);
  if (unknown === undefined) return;
  const line = `${JSON.stringify(unknown)}: {"input": 1.25, "output": 10}`;
  const isFirst = Object.keys(table).length === 0;
  throw new ModelError(
    "AUTOSD-MODEL-UNCONFIGURED",
    `the price of ${unknown} is not known, so what it costs cannot be kept within --max-cost-usd; nothing was asked`,
    {
      remedy: `Say what your provider charges, in US dollars for a million tokens: ${
        isFirst
          ? `printf '%s\\n' ${quoted(`{${line}}`)} > ${quoted(file)}`
          : `add ${line} to ${file}`
      }; or limit the tokens instead: --max-tokens N`,
    },
  );
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** Rounded up: a budget is kept by the larger figure. */
export function costMicrousd(price: ModelPrice, usage: TokenUsage): number {
  const cached = usage.cachedInputTokens ?? 0;
  const input = Math.max(0, (usage.inputTokens ?? 0) - cached);
  const output = usage.outputTokens ?? 0;
  const sum = input * price.input + cached * price.cachedInput + output * price.output;
  return Math.ceil(sum / 1_000_000);
}

/** The most that a call can cost. */
export function worstCostMicrousd(price: ModelPrice, input: number, output: number): number {
  return Math.ceil((input * price.input + output * price.output) / 1_000_000);
}
