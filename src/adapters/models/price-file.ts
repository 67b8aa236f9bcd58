import { readFile } from "node:fs/promises";
import { z } from "zod";
import { ModelError } from "../../delivery/agent/model/errors.ts";
import type { PriceTable } from "../../delivery/agent/model/prices.ts";
import { hasCode } from "../../machine/error-code.ts";

/** US dollars for a million tokens. */
const usd = z.number().min(0).max(1_000_000);
const schema = z.record(
  z.string(),
  z.strictObject({ input: usd, output: usd, cachedInput: usd.optional() }),
);
const microusd = 1_000_000;

/** Prices that a person wrote down; none when there is no such file. What it says is taken or refused whole. */
export async function readPriceFile(file: string): Promise<PriceTable> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return {};
    throw unusable(file, error);
  }
  try {
    const entries = Object.entries(schema.parse(JSON.parse(text)));
    return Object.fromEntries(
      entries.map(([model, { input, output, cachedInput = input }]) => [
        model,
        {
          input: input * microusd,
          output: output * microusd,
          cachedInput: cachedInput * microusd,
        },
      ]),
    );
  } catch (error) {
    throw unusable(file, error);
  }
}

function unusable(file: string, cause: unknown): ModelError {
  return new ModelError("AUTOSD-MODEL-UNCONFIGURED", `${file} holds no prices that can be read`, {
    remedy: 'Write it as {"MODEL": {"input": 1, "output": 2}}: US dollars for a million tokens',
    cause,
  });
}
