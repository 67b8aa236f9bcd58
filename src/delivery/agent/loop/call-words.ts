import { headOf } from "./cut-text.ts";
import { clean } from "./redact-answer.ts";
import type { ToolUse } from "./tools.ts";

const maxWords = 110;

/**
 * What a call does, in one line for people: what a terminal could act on is gone, and the end of
 * what is long.
 */
export function callWords(use: ToolUse): string {
  return headOf(wordsOf(use).replaceAll(/[\s\p{Cc}\p{Cf}]+/gu, " "), maxWords);
}

function wordsOf(use: ToolUse): string {
  switch (use.tool) {
    case "list":
      return `lists ${use.with.folder ?? "the files"}`;
    case "search":
      return `looks for ${JSON.stringify(use.with.text)}`;
    case "read":
      return `reads ${use.with.path}`;
    case "replace":
      return `changes ${use.with.path}`;
    case "write":
      return `writes ${use.with.path}`;
    case "delete":
      return `deletes ${use.with.path}`;
    case "run":
      return `runs ${clean(use.with.command)}`;
    case "done":
      return "says that it is done";
  }
}
