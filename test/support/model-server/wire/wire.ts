import type { Json } from "../json.ts";
import type {
  Finish,
  ModelCall,
  ScriptTurn,
  ScriptedThought,
  ScriptedToolCall,
  Usage,
} from "../script.ts";

/** An answer with everything filled in. */
export interface FullAnswer {
  readonly id: string;
  readonly model: string;
  readonly text: string;
  readonly toolCalls: readonly (ScriptedToolCall & { readonly id: string })[];
  readonly thoughts: readonly ScriptedThought[];
  readonly thoughtsAs: "reasoning_content" | "reasoning" | "reasoning_details";
  readonly textSeal: string | undefined;
  readonly finish: Finish;
  readonly usage: Usage;
}

/** How one provider speaks. */
export interface Wire {
  /** What a script sees of a request. */
  read(body: Json, path: string): Omit<ModelCall, "number" | "headers" | "body">;
  /** The body of an answer that is not streamed. */
  whole(answer: FullAnswer): Json;
  /** The server-sent events of a streamed answer, each with its blank line. */
  frames(answer: FullAnswer): readonly string[];
}

/** A finish in a provider's words. */
export function finishWord(finish: Finish, words: Readonly<Record<string, string>>): string {
  return typeof finish === "string" ? (words[finish] ?? finish) : finish.raw;
}

export function event(data: Json, name?: string): string {
  const line = `data: ${JSON.stringify(data)}\n\n`;
  return name === undefined ? line : `event: ${name}\n${line}`;
}

/** Providers that send each call and each result as an item of its own: an answer is one turn all the same. */
export function joinTurns(turns: readonly ScriptTurn[]): readonly ScriptTurn[] {
  const joined: ScriptTurn[] = [];
  for (const turn of turns) {
    const last = joined.at(-1);
    if (last === undefined || last.role !== turn.role || turn.role === "user") {
      joined.push(turn);
      continue;
    }
    joined[joined.length - 1] = {
      role: turn.role,
      text: [last.text, turn.text].filter((one) => one !== "").join("\n"),
      toolCalls: [...last.toolCalls, ...turn.toolCalls],
    };
  }
  return joined;
}
