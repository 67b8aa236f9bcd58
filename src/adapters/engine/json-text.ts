import { RunError } from "../../engine/ports/errors.ts";
import type { JsonText } from "../../engine/ports/run-journal.port.ts";
import { canonicalJson } from "../../kernel/canonical-json.ts";
import { messageOf } from "../../kernel/thrown.ts";

/** The longest result, input or signal that is remembered, in UTF-16 code units. */
const maxJsonLength = 32 * 1024 * 1024;

/** Canonical JSON of what is to be remembered. Throws AUTOSD-RUN-VALUE-INVALID, naming `what`. */
export function toJsonText(value: unknown, what: string): JsonText {
  if (value === undefined) return undefined;
  const text = jsonOf(value, what);
  if (text.length <= maxJsonLength) return text;
  throw new RunError(
    "AUTOSD-RUN-VALUE-INVALID",
    `${what} is too large to be remembered (${text.length} of ${maxJsonLength} characters).`,
  );
}

function jsonOf(value: unknown, what: string): string {
  try {
    return canonicalJson(value);
  } catch (error) {
    const reason = messageOf(error);
    throw new RunError("AUTOSD-RUN-VALUE-INVALID", `${what} is not plain JSON (${reason}).`, {
      cause: error,
    });
  }
}

/**
 * What was remembered. Its type is the flow's word: name, kind and position of the step were
 * compared with the journal before, and only that step has written there.
 */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the one place where the journal's text becomes the flow's type again
export function recall<T>(text: JsonText): T;
export function recall(text: JsonText): unknown {
  if (text === undefined) return undefined;
  const value: unknown = JSON.parse(text);
  return value;
}
