import { describe, expect, it } from "vitest";
import { sha256 } from "../kernel/hash.ts";
import { type OwnRecords, rememberedContents } from "./own-records.port.ts";

/** What everybody who remembers a home's own records must do; adapters' tests call it. */
export function ownRecordsContract(name: string, open: () => Promise<OwnRecords>): void {
  const content = (text: string, record = "backlog.json", project = "/work/a") => ({
    project,
    name: record,
    digest: sha256(text),
  });

  describe(`${name}: records of a home`, () => {
    it("knows what was remembered and nothing else", async () => {
      const records = await open();
      expect(await records.knows(content("one"))).toBe(false);
      await records.remember(content("one"));
      await records.remember(content("two", "project.json"));
      expect(await records.knows(content("one"))).toBe(true);
      expect(await records.knows(content("two", "project.json"))).toBe(true);
      expect(await records.knows(content("two"))).toBe(false);
      expect(await records.knows(content("three"))).toBe(false);
    });

    it("knows it again in a folder that was moved", async () => {
      const records = await open();
      await records.remember(content("one"));
      expect(await records.knows(content("one", "backlog.json", "/elsewhere/a"))).toBe(true);
      expect(await records.knows(content("two", "backlog.json", "/elsewhere/a"))).toBe(false);
    });

    it("keeps the newest contents of a name, and other names whole", async () => {
      const records = await open();
      await records.remember(content("identity", "project.json"));
      for (let number = 0; number <= rememberedContents; number += 1)
        await records.remember(content(`content ${number}`));
      // Once more is no new content.
      await records.remember(content(`content ${rememberedContents}`));
      expect(await records.knows(content("content 0"))).toBe(false);
      expect(await records.knows(content("content 1"))).toBe(true);
      expect(await records.knows(content("identity", "project.json"))).toBe(true);
    });

    it("loses nothing of what is remembered at the same time", async () => {
      const records = await open();
      const texts = Array.from({ length: 20 }, (_, index) => `content ${index}`);
      await Promise.all(texts.map((text) => records.remember(content(text))));
      for (const text of texts) expect(await records.knows(content(text)), text).toBe(true);
    });
  });
}
