import { expect, test } from "vitest";
import { AutosdError, type AutosdErrorOptions, type ErrorTable } from "./errors.ts";

const table = {
  "AUTOSD-SAMPLE": { exitCode: 5, summary: "Sample.", remedy: "Try again.", retryable: true },
} as const satisfies ErrorTable;

class SampleError extends AutosdError {
  constructor(message: string, options?: AutosdErrorOptions) {
    super("AUTOSD-SAMPLE", table["AUTOSD-SAMPLE"], message, options);
  }
}

test("an error carries what its table says about its code", () => {
  const error = new SampleError("the registry did not answer");
  expect(error).toMatchObject({
    name: "SampleError",
    message: "the registry did not answer",
    code: "AUTOSD-SAMPLE",
    exitCode: 5,
    remedy: "Try again.",
    retryable: true,
    details: {},
  });
  expect("cause" in error).toBe(false);
});

test("an error may name its own remedy, cause and facts", () => {
  const cause = new Error("ECONNRESET");
  const error = new SampleError("x", {
    remedy: "autosd runs resume 7",
    cause,
    details: { run: 7 },
  });
  expect(error.remedy).toBe("autosd runs resume 7");
  expect(error.cause).toBe(cause);
  expect(error.details).toEqual({ run: 7 });
});
