import { z } from "zod";
import type {
  JournalRecord,
  PromptJournal,
} from "../../delivery/agent/model/prompt-journal.port.ts";
import { isKeepable, type CarriedTurn } from "../../delivery/agent/model/carried-turn.ts";
import { denialSchema } from "../../delivery/backlog/denial.ts";
import { redactText } from "../../kernel/redaction.ts";
import type { ProjectFiles } from "../../state/project-files.port.ts";
import { StateError } from "../../state/errors.ts";
import { FileLines } from "./file-lines.ts";
import { JournalIndex, type RecordPlace } from "./journal-index.ts";

const fileName = "prompt_journal.jsonl";

const usage = z.object({
  inputTokens: z.number().optional(),
  outputTokens: z.number().optional(),
  cachedInputTokens: z.number().optional(),
});
const mark = z.string();
/** What a provider wants back is worth nothing when it is damaged; the answer is worth it all. */
const carried = z
  .object({
    origin: z.string(),
    parts: z.array(
      z.discriminatedUnion("kind", [
        z.object({ kind: z.literal("reasoning"), text: z.string(), mark }),
        z.object({
          kind: z.literal("text"),
          characters: z.number().int().nonnegative(),
          mark: mark.optional(),
        }),
        z.object({ kind: z.literal("call"), mark: mark.optional() }),
      ]),
    ),
  })
  .optional()
  .catch(undefined);
const answer = z.object({
  text: z.string(),
  toolCalls: z.array(z.object({ id: z.string(), name: z.string(), arguments: z.unknown() })),
  carried,
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
  z.object({
    ...place,
    kind: z.literal("call-failed"),
    prompt: z.string(),
    code: z.string(),
    spentTokens: z.number().optional(),
    costMicrousd: z.number().nullable().optional(),
    contextTokens: z.number().optional(),
  }),
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
    denial: denialSchema.optional(),
  }),
  z.object({ ...place, kind: z.literal("prefetch-start"), baseTree: z.string() }),
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
 * here, so that no secret reaches the file whatever wrote it. It is read once and after that only
 * where it grew: keep it for as long as the folder is worked on.
 */
export function createPromptJournal(files: ProjectFiles, directory: string): PromptJournal {
  const lines = new FileLines(files, directory, fileName);
  const index = new JournalIndex(lines, recordIn);
  const damaged = (line: number): StateError =>
    new StateError(
      "AUTOSD-STATE-CORRUPT",
      `line ${line} of ${directory}/.autosd/${fileName} is no record of a prompt journal.`,
      { remedy: `Move ${directory}/.autosd/${fileName} away, then run again.` },
    );
  return {
    append: (record) => files.append(directory, fileName, lineOf(record)),
    async of(place) {
      const { run, story, attempt } = place;
      const records: JournalRecord[] = [];
      const isWanted = (one: RecordPlace): boolean =>
        one.run === run && one.story === story && one.attempt === attempt;
      for await (const record of index.records(isWanted, damaged)) records.push(record);
      return records;
    },
    async *all({ run, story, onDamaged } = {}) {
      const isWanted = (one: RecordPlace): boolean =>
        (run === undefined || one.run === run) && (story === undefined || one.story === story);
      if (onDamaged === undefined) {
        yield* index.records(isWanted, damaged);
        return;
      }
      for await (const line of lines.from(0)) {
        if (line.text === "") continue;
        const record = recordIn(line.text);
        if (record === undefined) onDamaged(line.number);
        else if (isWanted(record)) yield record;
      }
    },
  };
}

/** Few folders are worked on at a time; what falls out is read again. */
const maxJournals = 8;

/** One journal a folder, for as long as this process works on it. */
export function createPromptJournals(files: ProjectFiles): (directory: string) => PromptJournal {
  const open = new Map<string, PromptJournal>();
  return (directory) => {
    const known = open.get(directory) ?? createPromptJournal(files, directory);
    open.delete(directory);
    open.set(directory, known);
    for (const oldest of open.keys()) {
      if (open.size <= maxJournals) break;
      open.delete(oldest);
    }
    return known;
  };
}

function lineOf(record: JournalRecord): string {
  return JSON.stringify(withoutUnsafe(record), (_, value: unknown) =>
    typeof value === "string" ? redactText(value) : value,
  );
}

/** What a provider wants back is written as it is or not at all: no part of it is redacted. */
function withoutUnsafe(record: JournalRecord): JournalRecord {
  if (record.kind !== "answer" || isKept(record.answer.carried)) return record;
  return { ...record, answer: { ...record.answer, carried: undefined } };
}

function isKept(given: CarriedTurn | undefined): boolean {
  return given === undefined || isKeepable(given);
}

/** Undefined: the line is no record. */
function recordIn(line: string): JournalRecord | undefined {
  const parsed = recordSchema.safeParse(jsonOf(line));
  return parsed.success ? withUsage(parsed.data) : undefined;
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
