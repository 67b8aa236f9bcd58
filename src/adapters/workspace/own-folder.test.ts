import { chmod, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openOwnFolder } from "./own-folder.ts";

const base = await mkdtemp(join(tmpdir(), "autosd-own-folder-"));
afterAll(() => rm(base, { recursive: true, force: true }));
let created = 0;
const scratchOf = (): string => join(base, String((created += 1)));

/** What a process that was killed leaves: its folder, and a lock that nobody holds. */
async function killed(scratch: string, index: number): Promise<string> {
  const name = `at-00000000-0000-4000-8000-${String(index).padStart(12, "0")}`;
  for (const inner of ["run_1-ST-1", "run_1-ST-2-ahead", "run_1-ST-1-side-x", ".pooled-1"])
    await mkdir(join(scratch, name, inner, "locked"), { recursive: true });
  await chmod(join(scratch, name, ".pooled-1", "locked"), 0o000);
  await writeFile(join(scratch, `${name}.lock`), "");
  return name;
}

describe("a process's own folder", () => {
  it("takes the place of what killed processes left, and of nobody else's", async () => {
    const scratch = scratchOf();
    await mkdir(scratch);
    const living = await openOwnFolder(scratch);
    await writeFile(join(living.path, "in-use"), "");
    for (const index of [1, 2]) await killed(scratch, index);
    await mkdir(join(scratch, "somebody-elses"));
    const own = await openOwnFolder(scratch);
    const folders = (await readdir(scratch)).filter((name) => !name.endsWith(".lock"));
    const wanted = [basename(living.path), basename(own.path), "somebody-elses"];
    expect(folders.sort()).toEqual(wanted.sort());
    expect((await readdir(scratch)).filter((name) => name.endsWith(".lock"))).toHaveLength(2);
    expect(await readdir(living.path)).toEqual(["in-use"]);
    await living.release();
    await own.release();
    expect(await readdir(scratch)).toEqual(["somebody-elses"]);
  });

  it("follows no lock that is a link, and removes nothing that a link leads to", async () => {
    const scratch = scratchOf();
    const outside = scratchOf();
    for (const folder of [scratch, outside]) await mkdir(folder);
    await writeFile(join(outside, "theirs"), "");
    const planted = "at-00000000-0000-4000-8000-000000000009";
    await symlink(join(outside, "theirs"), join(scratch, `${planted}.lock`));
    await symlink(outside, join(scratch, planted));
    const dead = await killed(scratch, 1);
    await symlink(outside, join(scratch, dead, "run_1-ST-1", "link"));
    await (await openOwnFolder(scratch)).release();
    expect((await readdir(scratch)).sort()).toEqual([planted, `${planted}.lock`]);
    expect(await readdir(outside)).toEqual(["theirs"]);
  });

  it("is one of many that are opened and swept at the same time", async () => {
    const scratch = scratchOf();
    await mkdir(scratch);
    for (let index = 0; index < 5; index += 1) await killed(scratch, index);
    const all = await Promise.all(Array.from({ length: 8 }, () => openOwnFolder(scratch)));
    const names = all.map(({ path }) => basename(path));
    expect((await readdir(scratch)).filter((name) => !name.endsWith(".lock")).sort()).toEqual(
      [...names].sort(),
    );
    await Promise.all(all.map((one) => one.release()));
    expect(await readdir(scratch)).toEqual([]);
  });
});
