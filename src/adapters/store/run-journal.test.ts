import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runJournalContract } from "../../engine/ports/run-journal.contract.ts";
import { openDatabase } from "./database.ts";
import { createRunJournal } from "./run-journal.ts";

runJournalContract("state database", async () => {
  const home = await mkdtemp(join(tmpdir(), "autosd-journal-"));
  const database = await openDatabase({ home });
  return {
    journal: createRunJournal(database),
    close: async () => {
      await database.close();
      await rm(home, { recursive: true });
    },
  };
});
