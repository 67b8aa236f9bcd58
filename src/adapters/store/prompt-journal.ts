import { z } from "zod";
import type {
  JournalRecord,
  PromptJournal,
} from "../../delivery/agent/model/prompt-journal.port.ts";
import { redactText } from "../../kernel/redaction.ts";
import type { ProjectFiles } from "../../state/project-files.port.ts";
import { StateError } from "../../state/errors.ts";

const fileName = "prompt_journal.jsonl";

const usage = z.object({
  inputTokens: z.number().optional(),
  outputTokens: z.number().optional(),
  cachedInputTokens: z.number().optional(),
});
const answer = z.object({
  text: z.string(),
  toolCalls: z.array(z.object({ id: z.string(), name: z.string(), arguments: z.unknown() })),
  finish: z.enum(["stop", "tool-calls", "length"]),
  usage,
  facts: z.object({
    latencyMs: z.number(),
    retries: z.number(),
    cuts: z.number().optional(),
    waitedMs: z.number(),
    responseId: z.string().optional(),
  }),
});
const place = {
  run: z.string(),
  story: z.string(),
  attempt: z.number().int(),
  turn: z.number().int(),
  ts: z.string(),
};

const recordSchema = z.discriminatedUnion("kind", [
  z.object({
    ...place,
    kind: z.literal("intent"),
    template: z.string(),
    provider: z.string(),
    model: z.string(),
    prompt: z.string(),
    promptBytes: z.number(),
    reservedMicrousd: z.number().nullable(),
    reservedTokens: z.number(),
  }),
  z.object({
    ...place,
    kind: z.literal("answer"),
    prompt: z.string(),
    answer,
    costMicrousd: z.number().nullable(),
    spentTokens: z.number().optional(),
  }),
  z.object({ ...place, kind: z.literal("call-failed"), prompt: z.string(), code: z.string() }),
  z.object({
    ...place,
    kind: z.literal("tool-start"),
    call: z.string(),
    tool: z.string(),
    arguments: z.unknown(),
    before: z.string(),
    repeatable: z.boolean(),
  }),
  z.object({
    ...place,
    kind: z.literal("tool-end"),
    call: z.string(),
    text: z.string(),
    isError: z.boolean(),
    after: z.string(),
    durationMs: z.number(),
  }),
  z.object({
    ...place,
    kind: z.literal("prefetch"),
    decision: z.enum(["used", "stale", "discarded", "stale-accepted"]),
    because: z.string(),
  }),
  z.object({ ...place, kind: z.literal("end"), outcome: z.string(), reason: z.string() }),
]);

/**
 * The journal in `<project>/.autosd/prompt_journal.jsonl`. What callers have not redacted is redacted
 * here, so that no secret reaches the file whatever wrote it.
 */
export function createPromptJournal(files: ProjectFiles, directory: string): PromptJournal {
  const all = async (): Promise<readonly JournalRecord[]> =>
    recordsIn((await files.read(directory, fileName)) ?? "", directory);
  return {
    append: (record) => files.append(directory, fileName, lineOf(record)),
    async of(place) {
      const { run, story, attempt } = place;
      const records = await all();
      return records.filter(
        (one) => one.run === run && one.story === story && one.attempt === attempt,
      );
    },
    async *all() {
      yield* await all();
    },
  };
}

function lineOf(record: JournalRecord): string {
  return JSON.stringify(record, (_, value: unknown) =>
    typeof value === "string" ? redactText(value) : value,
  );
}

function recordsIn(text: string, directory: string): readonly JournalRecord[] {
  // What follows the last line end was cut short by a crash: it never happened.
  const lines = text.slice(0, text.lastIndexOf("\n") + 1).split("\n");
  return lines.flatMap((line, index) => {
    if (line === "") return [];
    const parsed = recordSchema.safeParse(jsonOf(line));
    if (parsed.success) return [withUsage(parsed.data)];
    throw new StateError(
      "AUTOSD-STATE-CORRUPT",
      `line ${index + 1} of ${directory}/.autosd/${fileName} is no record of a prompt journal.`,
      { remedy: `Move ${directory}/.autosd/${fileName} away, then run again.` },
    );
  });
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** JSON leaves out what is undefined; in a record it is there. */
function withUsage(record: z.infer<typeof recordSchema>): JournalRecord {
  if (record.kind !== "answer") return record;
  const { usage: used, facts } = record.answer;
  return {
    ...record,
    answer: {
      ...record.answer,
      usage: {
        inputTokens: used.inputTokens,
        outputTokens: used.outputTokens,
        cachedInputTokens: used.cachedInputTokens,
      },
      facts: { ...facts, responseId: facts.responseId },
    },
  };
}
