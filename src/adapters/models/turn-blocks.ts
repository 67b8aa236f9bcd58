import type { SharedV3ProviderMetadata } from "@ai-sdk/provider";
import type { CarriedPart, CarriedTurn } from "../../delivery/agent/model/carried-turn.ts";
import type { ToolCall } from "../../delivery/agent/model/model.port.ts";
import type { GivenThoughts } from "./open-thoughts.ts";

type Mark = SharedV3ProviderMetadata | undefined;

interface Spoken {
  readonly kind: "text" | "reasoning";
  text: string;
  mark: Mark;
}

interface Called {
  readonly kind: "call";
  readonly call: ToolCall;
  readonly mark: Mark;
}

/** An answer in the order in which its parts began: thoughts, texts and calls. */
export class TurnBlocks {
  readonly #blocks: (Spoken | Called)[] = [];
  readonly #open = new Map<string, Spoken>();
  #given: GivenThoughts | undefined;

  /** Adds to a text or a thought. The mark that came last is the one that counts. */
  say(kind: Spoken["kind"], id: string, text: string, mark: Mark): void {
    const key = `${kind} ${id}`;
    const known = this.#open.get(key);
    const block = known ?? { kind, text: "", mark: undefined };
    if (known === undefined) {
      this.#blocks.push(block);
      this.#open.set(key, block);
    }
    block.text += text;
    block.mark = mark ?? block.mark;
  }

  /** What comes under the same id afterwards is another text. */
  close(kind: Spoken["kind"], id: string): void {
    this.#open.delete(`${kind} ${id}`);
  }

  call(call: ToolCall, mark: Mark): void {
    this.#blocks.push({ kind: "call", call, mark });
  }

  /** Thoughts that belong to the turn as a whole, and are under no seal. */
  think(given: GivenThoughts | undefined): void {
    this.#given = given;
  }

  get text(): string {
    return this.#blocks.map((one) => (one.kind === "text" ? one.text : "")).join("");
  }

  get toolCalls(): readonly ToolCall[] {
    return this.#blocks.flatMap((one) => (one.kind === "call" ? [one.call] : []));
  }

  /**
   * Undefined: the provider marked nothing, or left out what its marks belong to. Thoughts that bear
   * no mark of their own are wanted back where a turn called something, and nowhere else: some servers
   * refuse them with plain turns, or where a call bears a mark.
   */
  carriedBy(origin: string): CarriedTurn | undefined {
    const isMarked = this.#blocks.some(({ mark }) => mark !== undefined);
    if (isMarked && !this.#lacksThoughts())
      return { origin, parts: this.#blocks.flatMap(carriedPart) };
    if (isMarked || this.#given === undefined || this.toolCalls.length === 0) return undefined;
    const mark = JSON.stringify({ openaiCompatible: this.#given });
    const thoughts: CarriedPart = { kind: "reasoning", text: "", mark };
    return { origin, parts: [thoughts, ...this.#blocks.flatMap(carriedPart)] };
  }

  /** OpenAI takes an item with its id only behind the thoughts it came with, and those only encrypted. */
  #lacksThoughts(): boolean {
    const known = new Set<unknown>();
    const whole = new Set<unknown>();
    for (const { kind, mark } of this.#blocks) {
      const openai = mark?.["openai"];
      if (kind !== "reasoning" || openai === undefined) continue;
      known.add(openai["itemId"]);
      if (typeof openai["reasoningEncryptedContent"] === "string") whole.add(openai["itemId"]);
    }
    return known.size > whole.size;
  }
}

function carriedPart(block: Spoken | Called): readonly CarriedPart[] {
  const mark = block.mark === undefined ? {} : { mark: JSON.stringify(asWanted(block.mark)) };
  if (block.kind === "call") return [{ kind: "call", ...mark }];
  if (block.kind === "text")
    return block.text === "" ? [] : [{ kind: "text", characters: block.text.length, ...mark }];
  return mark.mark === undefined ? [] : [{ kind: "reasoning", text: block.text, mark: mark.mark }];
}

/** Gemini's signature is read under one name, and under another one when it came by another server. */
function asWanted(mark: SharedV3ProviderMetadata): SharedV3ProviderMetadata {
  if (mark["google"] !== undefined) return mark;
  for (const { thoughtSignature } of Object.values(mark))
    if (thoughtSignature !== undefined) return { ...mark, google: { thoughtSignature } };
  return mark;
}
