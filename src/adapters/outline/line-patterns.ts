import { RE2JS } from "re2js";
import type { CompiledPattern } from "../../delivery/agent/loop/line-pattern.ts";

/** Larger ones take long even on an engine whose time grows with the text only. */
const maxProgramSize = 2_000;

/**
 * A regular expression of a model as a test of lines. The engine takes time in proportion to the
 * text, whatever the pattern: it knows no back-references and never goes back.
 */
export function compileLinePattern(pattern: string, ignoreCase: boolean): CompiledPattern {
  try {
    const compiled = RE2JS.compile(pattern, ignoreCase ? RE2JS.CASE_INSENSITIVE : 0);
    if (compiled.programSize() > maxProgramSize) return { problem: "it is too large" };
    return (line) => compiled.test(line);
  } catch (error) {
    return { problem: error instanceof Error ? error.message : "it cannot be read" };
  }
}
