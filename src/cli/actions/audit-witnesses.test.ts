import { expect, test } from "vitest";
import { auditAnswers, shortRound } from "../example-audit.ts";
import { runInMemory } from "../memory-context.ts";

const answering = (round: typeof shortRound) => ({ ...auditAnswers(), submit: async () => round });

test("exits 5 without a quorum and says who answered what and who is missing", async () => {
  const audit = answering(shortRound);
  const text = await runInMemory(["audit", "anchor", "submit"], { audit });
  expect(text.exitCode).toBe(5);
  expect(text.stdout).toContain("east     cosigned at 1970-01-01T00:00:00.000Z");
  expect(text.stdout).toContain("missing: 1 of both (west)");
  const json = await runInMemory(["audit", "anchor", "submit", "--json"], { audit });
  expect(json.exitCode).toBe(5);
  expect(JSON.parse(json.stdout)).toMatchObject({
    ...{ schema: "autosd/audit-witness-round@1", ok: false, exitCode: 5 },
    code: "AUTOSD-AUDIT-UNWITNESSED",
    replies: shortRound.replies,
  });
});

test("exits 6 when a witness has seen another log, whatever the others say", async () => {
  const audit = answering({
    ...shortRound,
    isQuorum: true,
    missing: undefined,
    contradicted: true,
  });
  const text = await runInMemory(["audit", "anchor", "submit"], { audit });
  expect(text.exitCode).toBe(6);
  expect(text.stdout).toContain("AUTOSD-AUDIT-TAMPERED");
});

test("exits 0 with a quorum", async () => {
  const audit = answering({ ...shortRound, isQuorum: true, missing: undefined });
  const { exitCode, stdout } = await runInMemory(["audit", "anchor", "submit"], { audit });
  expect(exitCode).toBe(0);
  expect(stdout).toContain("A quorum cosigned the checkpoint of 13 entries");
});

test("shows who is asked, and prints the log line that a witness and a policy take", async () => {
  const audit = auditAnswers();
  const shown = await runInMemory(["audit", "witnesses"], { audit });
  expect(shown.stdout).toContain("https://witness.example");
  const key = await runInMemory(["audit", "witnesses", "--key"], { audit });
  expect(key.stdout).toMatch(/^log autosd\/\S+\n$/);
  const none = {
    ...audit,
    witnesses: async () => ({ path: "/p", vkey: undefined, witnesses: undefined }),
  };
  const { exitCode, stdout } = await runInMemory(["audit", "witnesses"], { audit: none });
  expect(exitCode).toBe(0);
  expect(stdout).toContain("autosd audit witnesses --key");
});

test("asks for a checkpoint of the past by its size", async () => {
  const asked: number[] = [];
  const answers = auditAnswers();
  const audit = {
    ...answers,
    checkpointAt: async (size: number) => {
      asked.push(size);
      return answers.checkpoint();
    },
  };
  expect((await runInMemory(["audit", "checkpoint", "--at", "4"], { audit })).exitCode).toBe(0);
  expect((await runInMemory(["audit", "checkpoint", "--at", "x"], { audit })).exitCode).toBe(2);
  expect(asked).toEqual([4]);
});
