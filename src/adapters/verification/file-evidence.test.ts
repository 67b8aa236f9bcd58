import { link, mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import {
  evidenceStoreContract,
  sampleGate,
} from "../../delivery/verification/evidence-store.contract.ts";
import { createFileEvidence } from "./file-evidence.ts";

const base = await mkdtemp(join(tmpdir(), "autosd-evidence-"));
afterAll(() => rm(base, { recursive: true, force: true }));
let places = 0;
const place = (): string => join(base, `p${String((places += 1))}`);

evidenceStoreContract("files", async () => {
  const cacheFolder = place();
  const open = () => createFileEvidence({ cacheFolder });
  return { store: open(), reopen: open };
});

describe("evidence in files", () => {
  it("takes a damaged file for no memory", async () => {
    const cacheFolder = place();
    const key = "ab12";
    await mkdir(join(cacheFolder, "ab"), { recursive: true });
    for (const text of ["", "{", "{}", JSON.stringify(sampleGate("red"))]) {
      await writeFile(join(cacheFolder, "ab", `${key}.json`), text);
      expect(await createFileEvidence({ cacheFolder }).recall(key)).toBeUndefined();
    }
  });

  it("writes logs where people find them and never outside", async () => {
    const repository = place();
    const store = createFileEvidence({ cacheFolder: place() });
    await store.archive({ repository, tree: "../../x", gate: "a/../b", log: "text\n" });
    expect(await readdir(repository, { recursive: true })).toEqual([
      ".autosd",
      join(".autosd", "evidence"),
      join(".autosd", "evidence", "______x"),
      join(".autosd", "evidence", "______x", "a____b.log"),
    ]);
  });

  it.each([[".autosd"], [".autosd/evidence"], [".autosd/evidence/tree"]])(
    "writes nothing through a link that came in the place of %s",
    async (planted) => {
      const [repository, outside] = [place(), place()];
      await mkdir(join(repository, planted, ".."), { recursive: true });
      await mkdir(join(outside, "evidence", "tree"), { recursive: true });
      await mkdir(join(outside, "tree"));
      const before = await readdir(outside, { recursive: true });
      await symlink(outside, join(repository, planted));
      const store = createFileEvidence({ cacheFolder: place() });
      await store.archive({ repository, tree: "tree", gate: "tests", log: "x" });
      expect(await readdir(outside, { recursive: true })).toEqual(before);
    },
  );

  it.each([
    { kind: "link", plant: symlink },
    { kind: "second name", plant: link },
  ])("replaces a $kind of somebody's file and leaves that file alone", async ({ plant }) => {
    const [repository, outside] = [place(), place()];
    const folder = join(repository, ".autosd", "evidence", "tree");
    await mkdir(folder, { recursive: true });
    await writeFile(outside, "theirs");
    await plant(outside, join(folder, "tests.log"));
    const store = createFileEvidence({ cacheFolder: place() });
    await store.archive({ repository, tree: "tree", gate: "tests", log: "ours" });
    expect(await readFile(outside, "utf8")).toBe("theirs");
    expect(await readFile(join(folder, "tests.log"), "utf8")).toBe("ours");
  });

  it("loses a log rather than a verdict when nothing can be written", async () => {
    const blocked = place();
    await writeFile(blocked, "a file");
    const warnings: string[] = [];
    const store = createFileEvidence({
      cacheFolder: blocked,
      log: {
        debug: () => undefined,
        info: () => undefined,
        warn: (message) => warnings.push(message),
        error: () => undefined,
      },
    });
    await store.remember("k1", sampleGate());
    await store.archive({ repository: blocked, tree: "t", gate: "tests", log: "x" });
    expect(warnings).toHaveLength(2);
    expect(await store.recall("k1")).toEqual(sampleGate());
    expect(await readFile(blocked, "utf8")).toBe("a file");
  });
});
