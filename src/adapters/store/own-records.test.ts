import { mkdir, mkdtemp, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { sha256 } from "../../kernel/hash.ts";
import { ownRecordsContract } from "../../state/own-records.contract.ts";
import { createMemoryProjectFiles } from "./memory-project-files.ts";
import { createOwnRecords } from "./own-records.ts";
import { createVouchedFiles } from "./vouched-files.ts";

const base = await mkdtemp(join(tmpdir(), "autosd-own-records-"));
afterAll(() => rm(base, { recursive: true, force: true }));
let made = 0;
const folder = (): string => join(base, `home-${(made += 1)}`, "records");

ownRecordsContract("files", async () => createOwnRecords(folder()));

describe("records in files", () => {
  const content = { project: "/work/a", name: "backlog.json", digest: sha256("one") };

  it("are read by the next process and by nobody else", async () => {
    const place = folder();
    await createOwnRecords(place).remember(content);
    expect(await createOwnRecords(place).knows(content)).toBe(true);
    expect((await stat(place)).mode & 0o777).toBe(0o700);
  });

  it("that are damaged or cut know nothing, and are made anew", async () => {
    const place = folder();
    await createOwnRecords(place).remember(content);
    const name = `${sha256(content.project).slice(7, 40)}.json`;
    for (const text of ["", "{", "[]", JSON.stringify({ schema: "autosd/own-records@1" })]) {
      await writeFile(join(place, name), text);
      expect(await createOwnRecords(place).knows(content), text).toBe(false);
    }
    await createOwnRecords(place).remember(content);
    expect(await createOwnRecords(place).knows(content)).toBe(true);
  });

  it("are not read through a link", async () => {
    const place = folder();
    await createOwnRecords(place).remember(content);
    const linked = folder();
    await mkdir(linked, { recursive: true });
    const name = `${sha256(content.project).slice(7, 40)}.json`;
    await symlink(join(place, name), join(linked, name));
    await expect(createOwnRecords(linked).knows(content)).rejects.toMatchObject({
      code: "AUTOSD-STATE-PATH-REFUSED",
    });
  });
});

describe("files that are vouched for", () => {
  const project = "/work/a";
  const path = "backlog.json";
  const digest = (text: string) => ({ project, name: path, digest: sha256(text) });

  it("are known once they are written, and only those that later runs go by", async () => {
    const records = createOwnRecords(folder());
    const files = createVouchedFiles(createMemoryProjectFiles(), records);
    await files.write(project, path, "one");
    await files.write(project, "progress.json", "one");
    expect(await records.knows(digest("one"))).toBe(true);
    expect(await records.knows({ ...digest("one"), name: "progress.json" })).toBe(false);
  });

  it("do not become own by being written over one that came from elsewhere", async () => {
    const records = createOwnRecords(folder());
    const stored = new Map([[`${project}\n${path}`, "planted"]]);
    const files = createVouchedFiles(createMemoryProjectFiles(stored), records);
    await files.write(project, path, "planted and more");
    expect(await records.knows(digest("planted and more"))).toBe(false);
    await records.remember(digest("planted and more"));
    await files.write(project, path, "proven");
    expect(await records.knows(digest("proven"))).toBe(true);
  });
});
