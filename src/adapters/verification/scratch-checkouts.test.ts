import { access, chmod, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { writeFiles } from "../../delivery/agent/vcs.contract.ts";
import {
  checkoutsContract,
  type CheckoutsSubject,
} from "../../delivery/verification/checkouts.contract.ts";
import { asPlainUser } from "../../../test/support/plain-user.ts";
import { createProcessRunner } from "../process/spawn-runner.ts";
import { createGit } from "../vcs/git.ts";
import { openWorkspace } from "../workspace/folder-workspace.ts";
import { createScratchCheckouts } from "./scratch-checkouts.ts";

const base = await mkdtemp(join(tmpdir(), "autosd-checkouts-"));
afterAll(() => rm(base, { recursive: true, force: true }));
let subjects = 0;

async function open(): Promise<CheckoutsSubject & { readonly scratch: string }> {
  const place = join(base, `s${String((subjects += 1))}`);
  const repository = join(place, "repository");
  const from = join(place, "from");
  await mkdir(from, { recursive: true });
  const vcs = createGit({
    runner: createProcessRunner(),
    scratch: join(place, "git"),
    searchPath: "/usr/local/bin:/usr/bin:/bin",
  });
  await vcs.initialise(repository);
  await writeFiles(from, { "a.txt": "one", "src/b.txt": "two", bin: Uint8Array.from([0, 1]) });
  const tree = await vcs.snapshot(repository, from);
  const secret = join(place, "secret");
  await writeFile(secret, "secret");
  const scratch = join(place, "scratch");
  return {
    scratch,
    repository,
    tree,
    checkouts: createScratchCheckouts({ scratch, vcs, openWorkspace }),
    isGone: (path) =>
      access(path).then(
        () => false,
        () => true,
      ),
    async plantLink(root, path) {
      await rm(join(root, path), { force: true });
      await symlink(secret, join(root, path));
    },
  };
}

checkoutsContract("scratch folders", open);

it("leaves nothing when the tree does not exist", async () => {
  const { checkouts, repository, scratch } = await open();
  await expect(checkouts.open({ repository, tree: "1".repeat(40) })).rejects.toMatchObject({
    code: expect.stringMatching(/^AUTOSD-VCS-/) as string,
  });
  expect(await readdir(scratch)).toEqual([]);
});

it("says when its scratch folder cannot be used", async () => {
  const { repository, tree, scratch } = await open();
  await writeFile(scratch, "a file where the folder should be");
  const vcs = createGit({ runner: createProcessRunner(), scratch, searchPath: "" });
  const blocked = createScratchCheckouts({ scratch: join(scratch, "below"), vcs, openWorkspace });
  await expect(blocked.open({ repository, tree })).rejects.toMatchObject({
    code: "AUTOSD-VERIFY-STORAGE",
    exitCode: 5,
  });
});

it("leaves nothing of what took its own permissions away, at any depth", async () => {
  const { checkouts, repository, tree, scratch } = await open();
  const checkout = await checkouts.open({ repository, tree });
  const { root } = checkout;
  const locked = join(root, "target", "debug");
  await mkdir(locked, { recursive: true });
  await writeFile(join(locked, "left"), "x");
  const folders = (await readdir(scratch, { recursive: true, withFileTypes: true }))
    .filter((one) => one.isDirectory())
    .map(({ parentPath, name }) => join(parentPath, name));
  await chmod(base, 0o755);
  await asPlainUser([scratch, ...folders], async () => {
    await chmod(locked, 0o500);
    await chmod(join(root, "target"), 0o000);
    await checkout.dispose();
    expect(await readdir(scratch)).toEqual([]);
  });
});
