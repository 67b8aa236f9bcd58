import { mkdtemp, mkdir, readdir, rm, symlink, writeFile, chmod, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { describeHaltSwitch } from "../../governance/policy/halt-switch.contract.ts";
import { sha256 } from "../../kernel/hash.ts";
import { createHaltFiles } from "./halt-files.ts";
import { createMemoryHaltSwitch } from "./memory-halt-switch.ts";

let root = "";
let count = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "autosd-halts-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

function freshHome(): string {
  count += 1;
  return join(root, `home-${count}`);
}

describeHaltSwitch("files", async () => createHaltFiles(freshHome()));
describeHaltSwitch("memory", async () => createMemoryHaltSwitch());

describe("halt files", () => {
  const halt = { project: "shop", reason: "stop", by: "ana", atMs: 5 };
  let home = "";
  let file = "";
  beforeEach(() => {
    home = freshHome();
    file = join(home, "halts", sha256("shop").slice("sha256:".length));
  });

  it("asking and listing write nothing, not even a folder", async () => {
    const halts = createHaltFiles(home);
    await halts.haltOf("shop");
    await halts.list();
    await expect(stat(home)).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("another process sees the halt at once", async () => {
    await createHaltFiles(home).halt(halt);
    expect(await createHaltFiles(home).haltOf("shop")).toEqual(halt);
    expect(await readdir(join(home, "halts"))).toEqual([sha256("shop").slice("sha256:".length)]);
  });

  it.each([
    ["empty", async () => writeFile(file, "")],
    ["cut off", async () => writeFile(file, '{"schema":"autosd/halt@1","pro')],
    ["of another schema", async () => writeFile(file, "{}")],
    ["not UTF-8", async () => writeFile(file, Buffer.from([0xff, 0xfe]))],
    ["too large", async () => writeFile(file, " ".repeat(20_000))],
    ["a link to nowhere", async () => symlink("/nonexistent", file)],
    ["a folder", async () => mkdir(file)],
  ])("a halt file that is %s halts", async (_kind, damage) => {
    await mkdir(join(home, "halts"), { recursive: true, mode: 0o700 });
    await chmod(home, 0o700);
    await damage();
    const found = await createHaltFiles(home).haltOf("shop");
    expect(found).toMatchObject({ project: "shop", by: "unknown" });
    expect(found?.reason).toContain("cannot be read");
    expect(await createHaltFiles(home).haltOf("other")).toBeUndefined();
    expect(await createHaltFiles(home).list()).toHaveLength(1);
  });

  it("a folder of halts that others can enter halts everything", async () => {
    await mkdir(join(home, "halts"), { recursive: true, mode: 0o700 });
    await chmod(join(home, "halts"), 0o755);
    expect(await createHaltFiles(home).haltOf("anything")).toMatchObject({ project: "anything" });
    expect(await createHaltFiles(home).list()).toHaveLength(1);
  });

  it("project ids never become paths", async () => {
    await createHaltFiles(home).halt({ ...halt, project: "../../escape" });
    expect(await readdir(home)).toEqual(["halts"]);
    expect(await createHaltFiles(home).haltOf("../../escape")).toMatchObject({ reason: "stop" });
  });

  it("a second halt over a damaged one leaves it halted and can be lifted", async () => {
    await createHaltFiles(home).halt(halt);
    await writeFile(file, "damage");
    await createHaltFiles(home).halt(halt);
    expect(await createHaltFiles(home).haltOf("shop")).toBeDefined();
    expect(await createHaltFiles(home).lift("shop")).toBe(true);
    expect(await createHaltFiles(home).haltOf("shop")).toBeUndefined();
  });
});
