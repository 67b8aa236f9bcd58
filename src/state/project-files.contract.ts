import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ProjectFiles } from "./project-files.port.ts";

/** What the contract needs from an adapter; `project` is a folder that exists and is empty. */
export interface ProjectFilesUnderTest {
  readonly files: ProjectFiles;
  readonly project: string;
  close(): Promise<void>;
}

/** What every keeper of project files does; an adapter's tests call it. */
export function projectFilesContract(
  name: string,
  open: () => Promise<ProjectFilesUnderTest>,
): void {
  describe(`${name}: project files`, () => {
    let underTest: ProjectFilesUnderTest;
    let files: ProjectFiles;
    let project: string;
    beforeEach(async () => {
      underTest = await open();
      ({ files, project } = underTest);
    });
    afterEach(() => underTest.close());

    it("gives back what was written last, by character", async () => {
      const text = fc.string({ unit: "grapheme", maxLength: 200 });
      await fc.assert(
        fc.asyncProperty(text, text, async (first, last) => {
          await files.write(project, "sprints/sprint-1/sprint.json", first);
          await files.write(project, "sprints/sprint-1/sprint.json", last);
          expect(await files.read(project, "sprints/sprint-1/sprint.json")).toBe(last);
        }),
        { numRuns: 20 },
      );
    });

    it("keeps a byte order mark and an empty file", async () => {
      await files.write(project, "mark.md", "\uFEFFtitle");
      await files.write(project, "empty.md", "");
      expect(await files.read(project, "mark.md")).toBe("\uFEFFtitle");
      expect(await files.read(project, "empty.md")).toBe("");
    });

    it("does not know what was never written", async () => {
      expect(await files.read(project, "backlog.json")).toBeUndefined();
      expect(await files.read(project, "sprints/sprint-1/sprint.json")).toBeUndefined();
      expect(await files.list(project, "sprints")).toEqual([]);
      expect(await files.list(project, ".")).toEqual([]);
    });

    it("appends one line a record, in order, none lost among writers at once", async () => {
      await files.append(project, "log.jsonl", "first");
      const lines = Array.from({ length: 40 }, (_, index) => `${index}-${"x".repeat(index * 50)}`);
      await Promise.all(lines.map((line) => files.append(project, "log.jsonl", line)));
      const kept = (await files.read(project, "log.jsonl"))?.split("\n") ?? [];
      expect(kept[0]).toBe("first");
      expect(kept.at(-1)).toBe("");
      expect(kept.slice(1, -1).toSorted()).toEqual(lines.toSorted());
    });

    it("refuses a record of more than one line", async () => {
      for (const line of ["a\nb", "a\r", "\n"])
        await expect(files.append(project, "log.jsonl", line)).rejects.toMatchObject({
          code: "AUTOSD-STATE-VALUE-REFUSED",
        });
      expect(await files.read(project, "log.jsonl")).toBeUndefined();
    });

    it("reads a file in parts, which together are the file, also while it grows", async () => {
      expect(await files.readPart(project, "log.jsonl", 0, 10)).toBeUndefined();
      for (const line of ["erste", "\u{1F600}", "x".repeat(100)])
        await files.append(project, "log.jsonl", line);
      const parts: Uint8Array[] = [];
      const identities = new Set<string>();
      for (let offset = 0; ;) {
        const part = await files.readPart(project, "log.jsonl", offset, 7);
        if (part === undefined || part.bytes.length === 0) break;
        expect(part.bytes.length).toBeLessThanOrEqual(7);
        expect(part.size).toBe(112);
        parts.push(part.bytes);
        identities.add(part.identity);
        offset += part.bytes.length;
      }
      expect(Buffer.concat(parts).toString()).toBe(await files.read(project, "log.jsonl"));
      expect(identities.size).toBe(1);
      await files.append(project, "log.jsonl", "more");
      const grown = await files.readPart(project, "log.jsonl", 112, 100);
      expect(Buffer.from(grown?.bytes ?? []).toString()).toBe("more\n");
      expect((await files.readPart(project, "log.jsonl", 1_000, 7))?.bytes).toHaveLength(0);
    });

    it("lists names of files and folders, sorted", async () => {
      await files.write(project, "b.md", "");
      await files.write(project, "a/one.md", "");
      await files.write(project, "a/deep/two.md", "");
      expect(await files.list(project, ".")).toEqual(["a", "b.md"]);
      expect(await files.list(project, "a")).toEqual(["deep", "one.md"]);
    });

    it.each([
      "../outside.md",
      "a/../../outside.md",
      "/etc/passwd",
      "a//b",
      "./a",
      "a/.",
      "",
      "a\\b",
      "a\u0000b",
      "x".repeat(2_000),
    ])("refuses the path %j", async (path) => {
      const refusal = { code: "AUTOSD-STATE-PATH-REFUSED" };
      await expect(files.read(project, path)).rejects.toMatchObject(refusal);
      await expect(files.write(project, path, "x")).rejects.toMatchObject(refusal);
      await expect(files.append(project, path, "x")).rejects.toMatchObject(refusal);
      await expect(files.list(project, path)).rejects.toMatchObject(refusal);
    });
  });
}
