import { appendFileSync } from "node:fs";

/**
 * Writes down what this machine cannot test, for the summary of the whole run; on CI, where everything must be
 * installed, it is a failure.
 */
export function reportUnavailable(name: string, reason: string): void {
  const file = process.env["AUTOSD_TEST_UNAVAILABLE"];
  if (file !== undefined && file !== "")
    appendFileSync(file, `${JSON.stringify({ name, reason })}\n`);
  console.warn(`not tested here: ${name}: ${reason}`);
  if (process.env["CI"] === "true") throw new Error(`${name} cannot be tested: ${reason}`);
}
