import type { MetadataExtractor } from "@ai-sdk/openai-compatible";
import type { SharedV3ProviderMetadata } from "@ai-sdk/provider";
import { z } from "zod";
import { object } from "./answer-body.ts";

/** The names under which servers that speak OpenAI's language send thoughts, the most telling first. */
const fields = ["reasoning_details", "reasoning_content", "reasoning"] as const;
type Field = (typeof fields)[number];

/** What one answer thought, as the server sent it; its members belong into the message of that turn. */
export const givenThoughtsSchema = z.union([
  z.strictObject({ reasoning_details: z.array(z.record(z.string(), z.json())) }),
  z.strictObject({ reasoning_content: z.string() }),
  z.strictObject({ reasoning: z.string() }),
]);
export type GivenThoughts = z.infer<typeof givenThoughtsSchema>;

/** Under it stand an answer's thoughts in what the provider's package hands on. */
const place = "thoughts";

/** Undefined: there were none. */
export function thoughtsIn(
  metadata: SharedV3ProviderMetadata | undefined,
): GivenThoughts | undefined {
  return givenThoughtsSchema.safeParse(metadata?.[place]).data;
}

/** Keeps the thoughts of an answer under the name that they came with. Throws nothing. */
export const thoughtKeeper: MetadataExtractor = {
  extractMetadata: async ({ parsedBody }) => {
    const thoughts = new Thoughts();
    thoughts.add(choiceIn(parsedBody)["message"]);
    return thoughts.metadata;
  },
  createStreamExtractor: () => {
    const thoughts = new Thoughts();
    return {
      processChunk: (chunk) => thoughts.add(choiceIn(chunk)["delta"]),
      buildMetadata: () => thoughts.metadata,
    };
  },
};

function choiceIn(body: unknown): Readonly<Record<string, unknown>> {
  const { choices } = object(body);
  return Array.isArray(choices) ? object(choices[0]) : {};
}

type Detail = Readonly<Record<string, unknown>>;

class Thoughts {
  readonly #texts = { reasoning_content: "", reasoning: "" };
  readonly #details: Detail[] = [];

  add(given: unknown): void {
    const part = object(given);
    for (const field of ["reasoning_content", "reasoning"] as const) {
      const text = part[field];
      if (typeof text === "string") this.#texts[field] += text;
    }
    const { reasoning_details: details } = part;
    if (Array.isArray(details)) for (const one of details) this.#addDetail(object(one));
  }

  get metadata(): SharedV3ProviderMetadata | undefined {
    const { reasoning_content: content, reasoning } = this.#texts;
    const given =
      this.#details.length > 0
        ? { reasoning_details: this.#details }
        : content !== ""
          ? { reasoning_content: content }
          : { reasoning };
    const read = givenThoughtsSchema.safeParse(given).data;
    return read === undefined || given.reasoning === "" ? undefined : { [place]: read };
  }

  /** Pieces of one text or summary are one; whatever is encrypted comes whole. */
  #addDetail(detail: Detail): void {
    const last = this.#details.at(-1);
    const text = textOf(detail);
    if (last === undefined || text === undefined || !isSame(last, detail)) {
      this.#details.push(detail);
      return;
    }
    const [name, added] = text;
    const before = last[name];
    const told = Object.entries(detail).filter(([, value]) => value !== null);
    this.#details[this.#details.length - 1] = {
      ...last,
      ...Object.fromEntries(told),
      [name]: `${typeof before === "string" ? before : ""}${added}`,
    };
  }
}

function isSame(one: Detail, other: Detail): boolean {
  return one["type"] === other["type"] && one["index"] === other["index"];
}

function textOf(detail: Detail): readonly [string, string] | undefined {
  const name =
    detail["type"] === "reasoning.text"
      ? "text"
      : detail["type"] === "reasoning.summary"
        ? "summary"
        : undefined;
  if (name === undefined) return undefined;
  const value = detail[name];
  return [name, typeof value === "string" ? value : ""];
}

/**
 * `as-given`: with the turns that called something, as they came. `wanted`: with every turn of the
 * model, empty where nothing is known of it. `refused`: never.
 */
type Manner = "as-given" | "wanted" | "refused";

type Body = Readonly<Record<string, unknown>>;

/**
 * Whether a server wants to see a model's thoughts again. Servers differ and none says so but by
 * refusing: some need them with calls of tools, some need the member even when it is empty, some
 * refuse a message that has it. What was learned holds for all later requests to this server.
 */
export class ThoughtManners {
  #manner: Manner = "as-given";

  /** The body of a request as this server takes it. */
  apply(body: Record<string, unknown>): Record<string, unknown> {
    const { messages } = body;
    if (this.#manner === "as-given" || !Array.isArray(messages)) return body;
    return { ...body, messages: messages.map((one) => this.#message(object(one))) };
  }

  /** Whether a refusal was about thoughts, and the next request will be another one. */
  learn(refusal: string): boolean {
    const before = this.#manner;
    if (isAboutThoughts.test(refusal)) this.#manner = wants.test(refusal) ? "wanted" : "refused";
    return this.#manner !== before;
  }

  #message(message: Body): Body {
    if (message["role"] !== "assistant") return message;
    const bare = Object.fromEntries(
      Object.entries(message).filter(([name]) => !fields.some((field: Field) => field === name)),
    );
    if (this.#manner === "refused") return bare;
    const { reasoning_content: content, reasoning } = message;
    const known = [content, reasoning].find((one) => typeof one === "string");
    return { ...bare, reasoning_content: known ?? "" };
  }
}

const isAboutThoughts = /\breasoning(?:_content|_details)?\b/;
const wants = /must be (?:passed|sent|given|included)|missing|required|should be passed back/i;
