// Opens, spoils and discards workspaces until it is killed, and says before each step that it comes.
import { writeSync } from "node:fs";
import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createProcessRunner } from "../../src/adapters/process/spawn-runner.ts";
import { createGit } from "../../src/adapters/vcs/git.ts";
import { createScratchWorkspaces } from "../../src/adapters/workspace/scratch-workspaces.ts";
import type { WorkspaceOrders } from "./killed-workspaces.test.ts";

const orders = JSON.parse(process.argv[2] ?? "") as WorkspaceOrders;
const { repository, trees, scratch, git, rounds } = orders;
const vcs = createGit({
  runner: createProcessRunner(),
  scratch: git,
  searchPath: process.env["PATH"] ?? "",
});
const workspaces = createScratchWorkspaces({ scratch, vcs });
const say = (step: string): void => void writeSync(1, `${step}\n`);

for (let round = 0; round < rounds; round += 1) {
  const tree = trees[round % trees.length] ?? "";
  say("open");
  const both = await Promise.all(
    ["one", "two"].map((name) => workspaces.open({ repository, tree, name })),
  );
  say("spoil");
  for (const { root } of both) {
    await mkdir(join(root, "node_modules", "m"), { recursive: true });
    await writeFile(join(root, "node_modules", "m", "index.js"), "planted");
    await symlink(repository, join(root, "link"));
    await rm(join(root, "a.txt"), { force: true });
  }
  say("discard");
  await Promise.all(both.map((one) => workspaces.discard(one)));
}
say("close");
await workspaces.close();
say("end");
