import { spawnSync } from "node:child_process";
import {
  appendFile,
  link,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tryLock } from "fs-native-extensions";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { projectFilesContract } from "../../state/project-files.contract.ts";
import { bundleModule } from "../../../test/chaos/bundle.ts";
import { createMemoryProjectFiles } from "./memory-project-files.ts";
import { createProjectFiles } from "./project-files.ts";

projectFilesContract("disk", async () => {
  const project = await mkdtemp(join(tmpdir(), "autosd-files-"));
  return { files: createProjectFiles(), project, close: () => rm(project, { recursive: true }) };
});

projectFilesContract("memory", async () => ({
  files: createMemoryProjectFiles(),
  project: "/projects/bookmarks",
  close: async () => undefined,
}));

describe("project files on disk", () => {
  const files = createProjectFiles();
  let folder: string;
  let project: string;
  let outside: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "autosd-files-"));
    project = join(folder, "project");
    outside = join(folder, "outside");
    await mkdir(project);
    await mkdir(outside);
    await writeFile(join(outside, "secret.md"), "secret");
  });
  afterEach(() => rm(folder, { recursive: true }));

  const refusesEverything = async (path: string): Promise<void> => {
    const refusal = { code: "AUTOSD-STATE-PATH-REFUSED" };
    await expect(files.read(project, path)).rejects.toMatchObject(refusal);
    await expect(files.write(project, path, "x")).rejects.toMatchObject(refusal);
    await expect(files.append(project, path, "x")).rejects.toMatchObject(refusal);
    expect(await readdir(outside)).toEqual(["secret.md"]);
    expect(await readFile(join(outside, "secret.md"), "utf8")).toBe("secret");
  };

  it("does not follow a link in place of .autosd", async () => {
    await symlink(outside, join(project, ".autosd"));
    await refusesEverything("secret.md");
    await expect(files.list(project, ".")).rejects.toMatchObject({
      code: "AUTOSD-STATE-PATH-REFUSED",
    });
  });

  it("does not follow a link among the folders", async () => {
    await mkdir(join(project, ".autosd"));
    await symlink(outside, join(project, ".autosd", "sprints"));
    await refusesEverything("sprints/secret.md");
  });

  it("does not follow a link in place of the file, dangling or not", async () => {
    await mkdir(join(project, ".autosd"));
    await symlink(join(outside, "secret.md"), join(project, ".autosd", "a.md"));
    await refusesEverything("a.md");
    await symlink(join(outside, "new.md"), join(project, ".autosd", "b.md"));
    await refusesEverything("b.md");
  });

  it("appends nothing to a file that has a second name", async () => {
    const secret = join(outside, "lines.txt");
    await writeFile(secret, "one\nhalf a li");
    await mkdir(join(project, ".autosd"));
    await link(secret, join(project, ".autosd", "log.jsonl"));
    await expect(files.append(project, "log.jsonl", "{}")).rejects.toMatchObject({
      code: "AUTOSD-STATE-PATH-REFUSED",
      message: expect.stringContaining("hard link") as string,
    });
    expect(await readFile(secret, "utf8")).toBe("one\nhalf a li");
    await rm(secret);
    await files.append(project, "log.jsonl", "{}");
    expect(await readFile(join(project, ".autosd", "log.jsonl"), "utf8")).toBe("one\n{}\n");
  });

  it("leaves out and does not trip over what a killed writer left", async () => {
    await files.write(project, "backlog.json", "{}");
    await writeFile(join(project, ".autosd", ".backlog.json.0123456789ab.tmp"), "{");
    expect(await files.list(project, ".")).toEqual(["backlog.json"]);
    await files.write(project, "backlog.json", "[]");
    expect(await files.read(project, "backlog.json")).toBe("[]");
  });

  it("takes away a record that was cut short before it appends the next", async () => {
    await files.append(project, "log.jsonl", '{"n":1}');
    await appendFile(join(project, ".autosd", "log.jsonl"), `{"n":2,"cut":"${"x".repeat(200_000)}`);
    await files.append(project, "log.jsonl", '{"n":3}');
    expect(await files.read(project, "log.jsonl")).toBe('{"n":1}\n{"n":3}\n');
  });

  it("does not touch a file while another process appends to it", async () => {
    await files.append(project, "log.jsonl", "first");
    const path = join(project, ".autosd", "log.jsonl");
    const other = await open(path, "r+");
    expect(tryLock(other.fd, 0, 0, { shared: false })).toBe(true);
    // What the other one has written so far looks like the rest of a crash.
    await appendFile(path, "sec");
    const work = files.append(project, "log.jsonl", "third");
    for (let turn = 0; turn < 20; turn += 1) await readFile(path);
    await appendFile(path, "ond\n");
    await other.close();
    await work;
    expect(await files.read(project, "log.jsonl")).toBe("first\nsecond\nthird\n");
  });

  it("does not wait for the reader of a pipe that stands where a log belongs", async () => {
    await mkdir(join(project, ".autosd"), { recursive: true });
    spawnSync("mkfifo", [join(project, ".autosd", "log.jsonl")]);
    // More than a pipe holds.
    const work = files.append(project, "log.jsonl", "x".repeat(200_000));
    await expect(work).rejects.toMatchObject({ code: "AUTOSD-STATE-IO" });
  });

  it("says so when a file is not text or is a folder", async () => {
    await mkdir(join(project, ".autosd", "folder"), { recursive: true });
    await writeFile(join(project, ".autosd", "bytes.md"), Buffer.from([0x61, 0xff, 0xfe]));
    const trouble = { code: "AUTOSD-STATE-IO" };
    await expect(files.read(project, "bytes.md")).rejects.toMatchObject(trouble);
    await expect(files.read(project, "folder")).rejects.toMatchObject(trouble);
    await expect(files.write(project, "folder", "x")).rejects.toMatchObject(trouble);
    expect(await files.list(project, ".")).toEqual(["bytes.md", "folder"]);
  });

  it("needs the project's folder to exist", async () => {
    const work = files.write(join(folder, "nowhere"), "a.md", "x");
    await expect(work).rejects.toMatchObject({ code: "AUTOSD-STATE-IO" });
  });

  // The kernel refuses to let a file grow past the limit, as it does on a full disk.
  it("keeps the old content when there is no room for the new one", async () => {
    await files.write(project, "backlog.json", "old");
    await files.append(project, "log.jsonl", "first");
    const source = join(import.meta.dirname, "project-files.ts");
    const module = await bundleModule(source, join(folder, "project-files.mjs"));
    const script = `
      import { createProjectFiles } from ${JSON.stringify(module)};
      const files = createProjectFiles();
      const codes = [];
      const big = "x".repeat(100_000);
      for (const work of [
        () => files.write(${JSON.stringify(project)}, "backlog.json", big),
        () => files.append(${JSON.stringify(project)}, "log.jsonl", big),
      ])
        await work().catch((error) => codes.push(error.code));
      console.log(JSON.stringify(codes));
    `;
    const child = spawnSync(
      "/bin/sh",
      [
        "-c",
        'trap "" XFSZ; ulimit -f 16; exec "$0" --input-type=module -e "$1"',
        process.execPath,
        script,
      ],
      { encoding: "utf8", timeout: 30_000 },
    );
    expect(child.stderr).toBe("");
    expect(JSON.parse(child.stdout)).toEqual(["AUTOSD-DISK-FULL", "AUTOSD-DISK-FULL"]);
    expect(await files.read(project, "backlog.json")).toBe("old");
    expect(await files.read(project, "log.jsonl")).toBe("first\n");
    expect((await readdir(join(project, ".autosd"))).sort()).toEqual(["backlog.json", "log.jsonl"]);
  });
});
