import type { Sentence } from "../../delivery/requirements/document.ts";

/** `Why would anybody ...` explains; `Should notes be archived?` and `Who may delete a note?` wait for an answer. */
const telling =
  /^(why|and why|how come|who (has|hasn't|does|doesn't|knows|would)|does anyone know)\b/i;

/** True for a question on the product: whoever wrote it has not decided yet. */
export function asksBack(sentence: Sentence): boolean {
  const text = sentence.text.replace(/["'”’)\]*_]+$/, "");
  return text.endsWith("?") && !telling.test(text);
}
