import type { Clock } from "../../../kernel/clock.ts";
import type { Purse } from "../model/budget.ts";
import type { Model } from "../model/model.port.ts";
import type { ModelPrice } from "../model/prices.ts";
import type { PromptJournal } from "../model/prompt-journal.port.ts";
import type { SymbolReader } from "../outline/symbols.port.ts";
import type { Commands } from "./commands.port.ts";
import type { CompilePattern } from "./line-pattern.ts";

/** What an attempt at a story works with. */
export interface AttemptParts {
  readonly model: Model;
  /** Undefined: not known. */
  readonly price: ModelPrice | undefined;
  readonly budget: Purse;
  readonly journal: PromptJournal;
  readonly commands: Commands;
  readonly clock: Clock;
  /** `implement@1` and its text. */
  readonly prompt: { readonly id: string; readonly text: string };
  readonly gates: readonly string[];
  readonly symbols: SymbolReader;
  /** Absent: searches are for texts only. */
  readonly compilePattern?: CompilePattern | undefined;
  readonly contextTokens: number;
  readonly maxOutputTokens: number;
}
