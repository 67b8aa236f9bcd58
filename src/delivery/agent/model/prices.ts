import type { TokenUsage } from "./model.port.ts";

/** Millionths of a US dollar for a million tokens. */
export interface ModelPrice {
  readonly input: number;
  readonly cachedInput: number;
  readonly output: number;
}

/** The day on which the providers' published prices were these. */
export const pricesAsOf = "2025-11-01";

const dollar = 1_000_000;

function price(input: number, cachedInput: number, output: number): ModelPrice {
  return { input: input * dollar, cachedInput: cachedInput * dollar, output: output * dollar };
}

/** By provider and model; a model's dated releases (`-2025-04-14`, `-20250514`) cost the same. */
const table: Readonly<Record<string, Readonly<Record<string, ModelPrice>>>> = {
  openai: {
    "gpt-4o": price(2.5, 1.25, 10),
    "gpt-4o-mini": price(0.15, 0.075, 0.6),
    "gpt-4.1": price(2, 0.5, 8),
    "gpt-4.1-mini": price(0.4, 0.1, 1.6),
    "gpt-4.1-nano": price(0.1, 0.025, 0.4),
    "gpt-5": price(1.25, 0.125, 10),
    "gpt-5-mini": price(0.25, 0.025, 2),
    "gpt-5-nano": price(0.05, 0.005, 0.4),
    "o4-mini": price(1.1, 0.275, 4.4),
  },
  anthropic: {
    "claude-sonnet-4": price(3, 0.3, 15),
    "claude-sonnet-4-5": price(3, 0.3, 15),
    "claude-haiku-4-5": price(1, 0.1, 5),
    "claude-opus-4-1": price(15, 1.5, 75),
  },
  google: {
    "gemini-2.5-flash": price(0.3, 0.03, 2.5),
    "gemini-2.5-flash-lite": price(0.1, 0.01, 0.4),
  },
};

/** Undefined: not known; never guessed from another model's. */
export function priceOf(provider: string, model: string): ModelPrice | undefined {
  const known = Object.hasOwn(table, provider) ? table[provider] : undefined;
  const name = model.replace(/-(?:\d{4}-\d{2}-\d{2}|\d{8})$/, "");
  return known !== undefined && Object.hasOwn(known, name) ? known[name] : undefined;
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
