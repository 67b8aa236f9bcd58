import { chmod, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { describePolicyArchive } from "../../governance/policy/policy-archive.contract.ts";
import {
  describePolicySource,
  type PolicySourceUnderTest,
} from "../../governance/policy/policy-source.contract.ts";
import { sha256 } from "../../kernel/hash.ts";
import { createMemoryPolicyArchive, createMemoryPolicySource } from "./memory-policy.ts";
import { createPolicyBlobs } from "./policy-blobs.ts";
import { createPolicyFiles } from "./policy-files.ts";

let root = "";
let count = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "autosd-policy-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

function fresh(): string {
  count += 1;
  return join(root, `place-${count}`);
}

async function put(path: string, text: string, mode = 0o600): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(path, text, { mode });
  await chmod(path, mode);
}

async function makeProject(project: string): Promise<string> {
  const directory = fresh();
  await put(join(directory, ".autosd", "project.json"), JSON.stringify({ projectId: project }));
  return directory;
}

describePolicySource("files", async (): Promise<PolicySourceUnderTest> => {
  const home = fresh();
  return {
    source: createPolicyFiles(home),
    makeProject,
    writeUser: (text) => put(join(home, "policy.json"), text),
    writeProject: (directory, file, text) => put(join(directory, ".autosd", file), text),
  };
});

describePolicySource("memory", async (): Promise<PolicySourceUnderTest> => {
  const source = createMemoryPolicySource();
  return {
    source,
    makeProject: async (project) => {
      count += 1;
      source.projects.set(`/p${count}`, project);
      return `/p${count}`;
    },
    writeUser: async (text) => void source.files.set("user", text),
    writeProject: async (directory, file, text) =>
      void source.files.set(`${directory}/${file}`, text),
  };
});

describePolicyArchive("blobs", async () => createPolicyBlobs(fresh()));
describePolicyArchive("memory", async () => createMemoryPolicyArchive());

describe("policy files", () => {
  const texts = async (prepare: (directory: string) => Promise<void>) => {
    const directory = await makeProject("shop");
    await prepare(directory);
    return createPolicyFiles(fresh()).texts({ kind: "folder", project: "shop", directory });
  };

  it.each<[string, (file: string) => Promise<void>, RegExp]>([
    ["a link", async (file) => symlink("/etc/passwd", file), /symbolic link/],
    ["a link to nowhere", async (file) => symlink("/nonexistent", file), /symbolic link/],
    ["writable by others", async (file) => put(file, "{}", 0o666), /open to others/],
    ["a folder", (file) => mkdir(file), /not a file/],
    ["too large", async (file) => put(file, " ".repeat(300_000)), /bytes/],
    ["not UTF-8", async (file) => writeFile(file, Buffer.from([0xff])), /UTF-8/],
  ])("calls a policy that is %s unreadable, never absent", async (_kind, prepare, finding) => {
    const found = await texts((directory) => prepare(join(directory, ".autosd", "policy.json")));
    expect(found.project.content).toMatchObject({
      kind: "unreadable",
      finding: expect.stringMatching(finding) as unknown,
    });
  });

  it("does not follow a link in the place of .autosd", async () => {
    const real = await makeProject("shop");
    const directory = fresh();
    await mkdir(directory);
    await symlink(join(real, ".autosd"), join(directory, ".autosd"));
    const found = await createPolicyFiles(fresh()).texts({
      kind: "folder",
      project: "shop",
      directory,
    });
    expect(found.project.content.kind).toBe("unreadable");
  });

  it("asking writes nothing, not even a folder", async () => {
    const home = fresh();
    const source = createPolicyFiles(home);
    await source.texts(await source.placeOf("shop"));
    await source.placeOf("../../etc");
    await expect(readdir(home)).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("never makes a path of an id that is none", async () => {
    const home = fresh();
    await createPolicyFiles(home).remember("../escape", "/somewhere");
    await expect(readdir(home)).rejects.toMatchObject({ code: "ENOENT" });
  });
});

describe("policy blobs", () => {
  it("refuse a text that is not of its digest, and mend it when it is kept again", async () => {
    const home = fresh();
    const digest = sha256("policy");
    await createPolicyBlobs(home).keep("policy");
    const path = join(home, "audit", "blobs", digest.slice("sha256:".length));
    await writeFile(path, "changed");
    await expect(createPolicyBlobs(home).read(digest)).rejects.toMatchObject({
      code: "AUTOSD-AUDIT-TAMPERED",
    });
    await createPolicyBlobs(home).keep("policy");
    expect(await createPolicyBlobs(home).read(digest)).toBe("policy");
  });
});
