import { runJournalContract } from "../../engine/ports/run-journal.contract.ts";
import { MemoryJournal } from "./memory-journal.ts";

runJournalContract("memory", async () => ({
  journal: new MemoryJournal(),
  close: async () => undefined,
}));
