import { describe, expect, it } from "vitest";
import type { CarriedTurn } from "./carried-turn.ts";
import type {
  JournalFilter,
  JournalPlace,
  JournalRecord,
  PromptJournal,
} from "./prompt-journal.port.ts";

const place: JournalPlace = { run: "run_1", story: "ST-1", attempt: 1, turn: 0 };
const ts = "2026-01-01T00:00:00.000Z";

function started(turn: number, more: Partial<JournalPlace> = {}): JournalRecord {
  return {
    ...place,
    ...more,
    turn,
    ts,
    kind: "tool-start",
    call: `call_${turn}`,
    tool: "run",
    arguments: { command: "npm test" },
    before: "tree:0",
    repeatable: false,
  };
}

function answered(text: string): JournalRecord {
  return {
    ...place,
    ts,
    kind: "answer",
    prompt: "sha256:0",
    costMicrousd: null,
    answer: {
      text,
      toolCalls: [{ id: "c", name: "write", arguments: { path: "a", content: "line\r\n\u2028" } }],
      finish: "tool-calls",
      usage: { inputTokens: 10, outputTokens: undefined, cachedInputTokens: undefined },
      facts: { latencyMs: 1, retries: 0, waitedMs: 0, responseId: undefined },
    },
  };
}

/** What every prompt journal keeps. `open` returns the same journal anew, as another process sees it. */
export function promptJournalContract(
  name: string,
  start: () => Promise<{ readonly open: () => Promise<PromptJournal> }>,
): void {
  describe(`${name} is a prompt journal`, () => {
    it("gives back what was appended, in order, to whoever opens it later", async () => {
      const { open } = await start();
      const records = [started(0), answered("done \u{1F600}"), started(1)];
      const journal = await open();
      for (const record of records) await journal.append(record);
      expect(await (await open()).of(place)).toEqual(records);
    });

    it("keeps what is known of a call that failed, and that nothing is", async () => {
      const { open } = await start();
      const journal = await open();
      const failed = { ...place, ts, kind: "call-failed", prompt: "sha256:0" } as const;
      const records: readonly JournalRecord[] = [
        { ...failed, code: "AUTOSD-MODEL-UNAVAILABLE", spentTokens: 700, costMicrousd: 12 },
        { ...failed, code: "AUTOSD-MODEL-CUT", spentTokens: 700, costMicrousd: null },
        { ...failed, code: "AUTOSD-MODEL-CONTEXT", spentTokens: 0, contextTokens: 8_192 },
        { ...failed, code: "AUTOSD-MODEL-CUT" },
      ];
      for (const record of records) await journal.append(record);
      expect(await (await open()).of(place)).toEqual(records);
    });

    it("keeps what a provider wants back with an answer to the letter", async () => {
      const { open } = await start();
      const record = answered("ab");
      if (record.kind !== "answer") throw new Error("no answer");
      const carried: CarriedTurn = {
        origin: "one",
        parts: [
          { kind: "reasoning", text: "hm\u2028", mark: '{"openai":{"itemId":"rs_1","x":null}}' },
          { kind: "text", characters: 2 },
          { kind: "call", mark: '{"google":{"thoughtSignature":"AbC+/="}}' },
        ],
      };
      const whole: JournalRecord = { ...record, answer: { ...record.answer, carried } };
      await (await open()).append(whole);
      expect(await (await open()).of(place)).toStrictEqual([whole]);
    });

    it("tells attempts, stories and runs apart", async () => {
      const { open } = await start();
      const journal = await open();
      await journal.append(started(0));
      await journal.append(started(0, { attempt: 2 }));
      await journal.append(started(0, { story: "ST-2" }));
      await journal.append(started(0, { run: "run_2" }));
      expect(await journal.of(place)).toEqual([started(0)]);
      const all: JournalRecord[] = [];
      for await (const record of journal.all()) all.push(record);
      expect(all).toHaveLength(4);
    });

    it("gives the records of a run or of a story alone, in order", async () => {
      const { open } = await start();
      const journal = await open();
      const kept = [
        started(0, { story: "plan" }),
        started(1, { story: "plan", run: "run_2" }),
        started(2, { story: "plan" }),
      ];
      for (const record of [started(0), ...kept, started(3)]) await journal.append(record);
      const found = async (filter: JournalFilter): Promise<readonly JournalRecord[]> => {
        const records: JournalRecord[] = [];
        for await (const record of journal.all(filter)) records.push(record);
        return records;
      };
      expect(await found({ story: "plan" })).toEqual(kept);
      expect(await found({ run: "run_2" })).toEqual([kept[1]]);
      expect(await found({ run: "run_2", story: "ST-1" })).toEqual([]);
      expect(await found({ run: "run_3" })).toEqual([]);
    });

    it("sees what others append after it was asked for the first time", async () => {
      const { open } = await start();
      const [reader, writer] = [await open(), await open()];
      await writer.append(started(0));
      expect(await reader.of(place)).toHaveLength(1);
      await writer.append(answered("x".repeat(100_000)));
      await writer.append(started(2, { attempt: 2 }));
      await writer.append(started(1));
      expect(await reader.of(place)).toEqual([
        started(0),
        answered("x".repeat(100_000)),
        started(1),
      ]);
    });

    it("loses nothing when several append at once", async () => {
      const { open } = await start();
      const journals = await Promise.all([open(), open(), open()]);
      const appended = Array.from({ length: 30 }, async (_, turn) =>
        journals[turn % 3]?.append(started(turn)),
      );
      await Promise.all(appended);
      const turns = (await (await open()).of(place)).map((record) => record.turn);
      expect([...turns].sort((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, n) => n));
    });

    it("holds no secret, whoever wrote the record", async () => {
      const { open } = await start();
      const secret = `ghp_${"a1B2c3D4e5".repeat(4)}`;
      await (await open()).append(answered(`the token is ${secret}`));
      expect(JSON.stringify(await (await open()).of(place))).not.toContain(secret);
    });

    it("is empty before the first record", async () => {
      const { open } = await start();
      expect(await (await open()).of(place)).toEqual([]);
    });
  });
}
