import { z } from "zod";
import { messageOf } from "../../kernel/thrown.ts";
import {
  refinedRequirementsSchema,
  type RefinedRequirements,
} from "../requirements/refined-requirements.ts";
import { denialSchema } from "../backlog/denial.ts";
import { SessionError } from "./errors.ts";
import {
  describeUnknownPrompt,
  digestOf,
  factsSchema,
  promptOf,
  type ExchangeKind,
  type PromptFacts,
} from "./session-prompt.ts";

/** More than any run makes; bounds what a hostile file can ask of us. */
const maxExchanges = 10_000;
/** As long as paths are on the systems that there are. */
const maxTargetLength = 4_096;

const fileContentSchema = z.union([
  z.strictObject({ text: z.string() }),
  z.strictObject({ base64: z.base64() }),
]);
export type FileContent = z.infer<typeof fileContentSchema>;

const fileChangeSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("write"),
    path: z.string().min(1),
    content: fileContentSchema,
    /** Absent: the implementer did not say. */
    executable: z.boolean().optional(),
  }),
  /** A symbolic link; `target` as it stands in it. */
  z.strictObject({
    kind: z.literal("link"),
    path: z.string().min(1),
    target: z.string().min(1).max(maxTargetLength),
  }),
  z.strictObject({ kind: z.literal("remove"), path: z.string().min(1) }),
]);
export type FileChange = z.infer<typeof fileChangeSchema>;

const eventSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("progress"), message: z.string() }),
  z.strictObject({
    kind: z.literal("proposal"),
    proposal: z.strictObject({
      summary: z.string(),
      acceptanceTests: z.array(z.string()).readonly(),
      changedTests: z.array(z.string()).readonly(),
      standing: z.array(z.string()).readonly().optional(),
    }),
    denials: z.array(denialSchema).readonly().optional(),
  }),
  z.strictObject({
    kind: z.literal("unimplemented"),
    reason: z.string(),
    sentences: z.array(z.string()).readonly(),
  }),
  z.strictObject({
    kind: z.literal("failed"),
    reason: z.string(),
    retryable: z.boolean(),
    isWithoutProgress: z.boolean().optional(),
    denial: denialSchema.optional(),
  }),
]);

const implementationSchema = z.strictObject({
  events: z.array(eventSchema).min(1).readonly(),
  /** In the order of their paths. */
  changes: z.array(fileChangeSchema).readonly(),
  /** Why the files that changed are not here; absent: they are. */
  withheld: z.string().optional(),
});

// Members in the order of the plan: a replay writes the same text of it.
const platformPlanSchema = z.strictObject({
  platform: z.string().min(1),
  why: z.string(),
  startCommands: z.array(z.string()).readonly(),
  components: z.array(z.strictObject({ name: z.string(), role: z.string() })).readonly(),
});

const asked = {
  /** `sha256:` of the canonical JSON of kind and facts. */
  prompt: z.string(),
  facts: factsSchema,
  /** `sha256:` of the canonical JSON of the answer. */
  digest: z.string(),
};

const exchangeSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("implement"), ...asked, answer: implementationSchema }),
  z.strictObject({ kind: z.literal("adapt"), ...asked, answer: implementationSchema }),
  z.strictObject({ kind: z.literal("refine"), ...asked, answer: refinedRequirementsSchema }),
  z.strictObject({ kind: z.literal("choose-platform"), ...asked, answer: platformPlanSchema }),
  z.strictObject({ kind: z.literal("design-document"), ...asked, answer: z.string() }),
]);
export type Exchange = z.infer<typeof exchangeSchema>;

interface Answers {
  readonly implement: z.infer<typeof implementationSchema>;
  readonly adapt: z.infer<typeof implementationSchema>;
  readonly refine: RefinedRequirements;
  readonly "choose-platform": z.infer<typeof platformPlanSchema>;
  readonly "design-document": string;
}
export type AnswerTo<Kind extends ExchangeKind> = Answers[Kind];

interface ExchangeOf<Kind extends ExchangeKind> {
  readonly kind: Kind;
  readonly prompt: string;
  readonly facts: PromptFacts;
  readonly answer: Answers[Kind];
}

const sessionSchema = z.strictObject({
  schema: z.literal("autosd/session@1"),
  exchanges: z.array(exchangeSchema).max(maxExchanges),
});
/** Everything that was asked and answered in a run; enough to run it again without asking. */
export type Session = z.infer<typeof sessionSchema>;

/** Where exchanges go as they happen. A prompt that is asked again replaces its exchange. */
export interface SessionSink {
  record(exchange: Exchange): Promise<void>;
}

/** An exchange with its digests. Throws TypeError when the answer is not JSON. */
export function exchangeOf<Kind extends ExchangeKind>(
  kind: Kind,
  facts: PromptFacts,
  answer: AnswerTo<Kind>,
): Exchange {
  return exchangeSchema.parse({
    kind,
    prompt: promptOf(kind, facts),
    facts,
    digest: digestOf(answer),
    answer,
  });
}

/** `digest` of an exchange with this answer. */
export function digestOfAnswer(answer: AnswerTo<ExchangeKind>): string {
  return digestOf(answer);
}

/** Text when it is UTF-8 and comes back as the same bytes, base64 otherwise. */
export function fileContentOf(bytes: Uint8Array): FileContent {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = buffer.toString("utf8");
  return Buffer.from(text, "utf8").equals(buffer)
    ? { text }
    : { base64: buffer.toString("base64") };
}

export function bytesOf(content: FileContent): Uint8Array {
  return "text" in content
    ? Buffer.from(content.text, "utf8")
    : Buffer.from(content.base64, "base64");
}

export function emptySession(): Session {
  return { schema: "autosd/session@1", exchanges: [] };
}

/** The session with one exchange more, or with the one of the same prompt replaced. */
export function withExchange(session: Session, exchange: Exchange): Session {
  const others = session.exchanges.filter((one) => one.prompt !== exchange.prompt);
  return { ...session, exchanges: [...others, exchange] };
}

/** The text of a session file; equal sessions give equal text. */
export function renderSession(session: Session): string {
  return `${JSON.stringify(session, undefined, 2)}\n`;
}

/** `source` is named in errors only. Throws AUTOSD-REPLAY-CORRUPT. */
export function parseSession(text: string, source: string): Session {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const why = messageOf(error);
    throw corrupt(source, `it is not JSON: ${why}`, error);
  }
  const version = z.looseObject({ schema: z.string() }).safeParse(value);
  if (version.success && /^autosd\/session@(?!1$)/.test(version.data.schema))
    throw corrupt(source, `it has the format ${version.data.schema}; this autosd reads @1`);
  const parsed = sessionSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue === undefined || issue.path.length === 0 ? "" : `${issue.path.join(".")}: `;
    throw corrupt(source, `${where}${issue?.message ?? "it does not have the form of a session"}`);
  }
  for (const [index, exchange] of parsed.data.exchanges.entries()) {
    const why = whyUnlikeItsDigests(exchange);
    if (why !== undefined) throw corrupt(source, `exchanges.${index}: ${why}`);
  }
  return parsed.data;
}

function whyUnlikeItsDigests(exchange: Exchange): string | undefined {
  try {
    if (exchange.prompt !== promptOf(exchange.kind, exchange.facts))
      return "the prompt is not the digest of its facts";
    if (exchange.digest !== digestOf(exchange.answer))
      return "the answer is not the one that was recorded";
  } catch (error) {
    // JSON.parse lets half of a surrogate pair through; nothing that holds one has a digest.
    if (error instanceof TypeError) return error.message;
    throw error;
  }
  return undefined;
}

function corrupt(source: string, why: string, cause?: unknown): SessionError {
  return new SessionError("AUTOSD-REPLAY-CORRUPT", `${source} cannot be replayed: ${why}`, {
    ...(cause === undefined ? {} : { cause }),
    details: { file: source },
  });
}

/** The recorded answer. Throws AUTOSD-REPLAY-UNKNOWN-PROMPT, saying what differs from what is recorded. */
export function answerFrom<Kind extends ExchangeKind>(
  session: Session,
  kind: Kind,
  facts: PromptFacts,
): AnswerTo<Kind> {
  const prompt = promptOf(kind, facts);
  const ofKind = (one: ExchangeOf<ExchangeKind>): one is ExchangeOf<Kind> => one.kind === kind;
  const exchanges: readonly ExchangeOf<ExchangeKind>[] = session.exchanges;
  const recorded = exchanges.filter(ofKind);
  const found = recorded.find((one) => one.prompt === prompt);
  if (found !== undefined) return found.answer;
  const known = recorded.map((one) => one.facts);
  throw new SessionError(
    "AUTOSD-REPLAY-UNKNOWN-PROMPT",
    describeUnknownPrompt(kind, facts, known),
    { details: { kind, facts } },
  );
}
