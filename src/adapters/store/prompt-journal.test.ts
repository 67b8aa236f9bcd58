import { appendFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { promptJournalContract } from "../../delivery/agent/model/prompt-journal.contract.ts";
import { createProjectFiles } from "./project-files.ts";
import { createPromptJournal } from "./prompt-journal.ts";

const folders: string[] = [];

async function project(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "autosd-prompt-journal-"));
  folders.push(folder);
  return folder;
}

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

const place = { run: "run_1", story: "ST-1", attempt: 1, turn: 0 };
const end = {
  ...place,
  ts: "2026-01-01T00:00:00.000Z",
  kind: "end",
  outcome: "proposal",
  reason: "x",
} as const;

promptJournalContract("the journal file", async () => {
  const directory = await project();
  return { open: async () => createPromptJournal(createProjectFiles(), directory) };
});

it("leaves out a last line that a crash cut short, and goes on after it", async () => {
  const directory = await project();
  const journal = createPromptJournal(createProjectFiles(), directory);
  await journal.append(end);
  const file = join(directory, ".autosd/prompt_journal.jsonl");
  await appendFile(file, '{"run":"run_1","story":');
  expect(await journal.of(place)).toEqual([end]);
  await journal.append({ ...end, turn: 1 });
  expect(await journal.of(place)).toHaveLength(2);
  expect((await readFile(file, "utf8")).split("\n")).toHaveLength(3);
});

it("says which line is damaged instead of paying again without a word", async () => {
  const directory = await project();
  const journal = createPromptJournal(createProjectFiles(), directory);
  await journal.append(end);
  const file = join(directory, ".autosd/prompt_journal.jsonl");
  await writeFile(file, `${await readFile(file, "utf8")}{"kind":"answer"}\n`);
  await expect(journal.of(place)).rejects.toMatchObject({ code: "AUTOSD-STATE-CORRUPT" });
});
