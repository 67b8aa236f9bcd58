import { z } from "zod";
import { canonicalJson } from "../../kernel/canonical-json.ts";
import { maxNoteBytes, parseNote } from "./signed-note.ts";

/**
 * What a history that has grown too long keeps, in bytes of lines, the newest first: checkpoints
 * that witnesses cosigned, the last checkpoint of each epoch, the last ones at all.
 */
export interface HistoryLimits {
  readonly cosignedBytes: number;
  readonly epochBytes: number;
  readonly recentBytes: number;
}

/** Half of the length at which the history is thinned: the work is spread over as many checkpoints. */
export const historyLimits: HistoryLimits = {
  cosignedBytes: 256 * 1024,
  epochBytes: 128 * 1024,
  recentBytes: 128 * 1024,
};
/** A history that is longer is thinned by the next checkpoint. */
export const maxHistoryBytes = 1024 * 1024;

const lineSchema = z.strictObject({ v: z.literal(1), note: z.string().max(maxNoteBytes) });

/** A checkpoint as a line of the history, with its newline. */
export function historyLine(note: string): string {
  return `${canonicalJson({ v: 1, note })}\n`;
}

/** One line of the history. */
export interface KeptLine {
  /** Counted from 1. */
  readonly number: number;
  readonly note: string;
}

/**
 * The checkpoints of a history, oldest first. Nothing signed the file itself: lines that are none
 * are counted and say nothing. What follows the last newline is still being written, or was cut off.
 */
export function parseHistory(text: string): {
  readonly kept: readonly KeptLine[];
  readonly unreadable: number;
} {
  const kept: KeptLine[] = [];
  let unreadable = 0;
  for (const [index, line] of text.split("\n").slice(0, -1).entries()) {
    const note = noteOf(line);
    if (note === undefined) unreadable += 1;
    else kept.push({ number: index + 1, note });
  }
  return { kept, unreadable };
}

function noteOf(line: string): string | undefined {
  try {
    const parsed = lineSchema.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data.note : undefined;
  } catch {
    return undefined;
  }
}

/** The lines that stay of a history, in their order. */
export function thinnedHistory(
  notes: readonly string[],
  limits: HistoryLimits = historyLimits,
): readonly string[] {
  const left = { ...limits };
  const epochs = new Set<string>();
  const stays = new Set<number>();
  for (const [index, note] of [...notes.entries()].reverse()) {
    const { epoch, isCosigned } = signersOf(note);
    const bytes = Buffer.byteLength(historyLine(note));
    const take = (kind: keyof HistoryLimits): void => {
      if (left[kind] < bytes) return;
      left[kind] -= bytes;
      stays.add(index);
    };
    if (isCosigned) take("cosignedBytes");
    else if (!epochs.has(epoch)) take("epochBytes");
    if (!stays.has(index)) take("recentBytes");
    if (!isCosigned) epochs.add(epoch);
  }
  return notes.filter((_, index) => stays.has(index));
}

/** By their ids alone: what they are worth is found out when the log is verified. */
function signersOf(note: string): { readonly epoch: string; readonly isCosigned: boolean } {
  const parsed = parseNote(Buffer.from(note, "utf8"));
  const origin = parsed?.text.slice(0, parsed.text.indexOf("\n"));
  const own = parsed?.signatures.find(({ name }) => name === origin);
  return {
    epoch: Buffer.from(own?.id ?? []).toString("hex"),
    isCosigned: parsed?.signatures.some(({ name }) => name !== origin) ?? false,
  };
}
