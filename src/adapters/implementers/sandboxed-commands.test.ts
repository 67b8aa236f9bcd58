import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import type { Commands } from "../../delivery/agent/loop/commands.port.ts";
import type { Sandbox } from "../../delivery/agent/sandbox.port.ts";
import type { Vcs } from "../../delivery/agent/vcs.port.ts";
import type { Workspace } from "../../delivery/agent/workspace.port.ts";
import { createProcessRunner } from "../process/spawn-runner.ts";
import { systemClock } from "../process/system-clock.ts";
import { systemIds } from "../process/system-ids.ts";
import { createSandbox } from "../sandbox/create-sandbox.ts";
import { createGit } from "../vcs/git.ts";
import { openWorkspace } from "../workspace/folder-workspace.ts";
import { createSandboxedCommands } from "./sandboxed-commands.ts";

let scratch: string;
let vcs: Vcs;
let sandbox: Sandbox;
let repository: string;
let workspace: Workspace;
let commands: Commands;
const never = new AbortController().signal;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "autosd-commands-"));
  const runner = createProcessRunner();
  const searchPath = process.env["PATH"] ?? "";
  vcs = createGit({ runner, scratch: join(scratch, "git"), searchPath });
  sandbox = await createSandbox({
    preference: "auto",
    runner,
    autosdHome: join(scratch, "home"),
    scratchDirectory: join(scratch, "sandbox"),
    clock: systemClock,
    ids: systemIds,
    environment: {},
  });
});

afterAll(() => rm(scratch, { recursive: true, force: true }));

beforeEach(async () => {
  repository = await mkdtemp(join(scratch, "repository-"));
  await vcs.initialise(repository);
  const root = await mkdtemp(join(scratch, "attempt-"));
  workspace = openWorkspace({ root, baseTree: await vcs.treeOf(repository, undefined) });
  await workspace.write("a.txt", "one\n");
  commands = createSandboxedCommands(
    {
      sandbox,
      vcs,
      dependencies: { obtain: async () => ({ kind: "missing" }) },
      registryHosts: async () => [],
    },
    { workspace, repository, mayInstall: false },
  );
});

const textOf = async (path: string): Promise<string | undefined> => {
  const bytes = await workspace.read(path);
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
};

it("says that a command changed nothing, without keeping a state", async () => {
  const outcome = await commands.run("cat a.txt; echo no >&2; exit 3", 10_000, never);
  expect(outcome).toMatchObject({ end: { kind: "exited", exitCode: 3 }, tree: undefined });
  expect(outcome.output).toContain("one");
  expect(outcome.output).toContain("no");
});

it("keeps the state that a command left, and brings it back", async () => {
  const command =
    "rm a.txt; mkdir -p src && echo two > src/b.txt; echo '#!/bin/sh' > go; chmod +x go";
  const { tree } = await commands.run(command, 10_000, never);
  expect(tree).toBeDefined();
  await workspace.write("a.txt", "again");
  await workspace.remove("src/b.txt");
  await commands.restore(tree ?? "");
  expect(await workspace.list()).toEqual(["go", "src/b.txt"]);
  expect(await textOf("src/b.txt")).toBe("two\n");
  expect((await commands.run("./go && echo ran", 10_000, never)).output).toContain("ran");
});

it("sees a change that keeps size and time", async () => {
  const { tree } = await commands.run(
    "touch -r a.txt /tmp/t; printf 'two\\n' > a.txt; touch -r /tmp/t a.txt",
    10_000,
    never,
  );
  expect(tree).toBeDefined();
});

it("refuses what must not become a part of the project: a repository with a program in its settings", async () => {
  const outcome = await commands.run(
    "mkdir -p x/.git && printf '[core]\\n fsmonitor = touch /tmp/owned\\n' > x/.git/config && echo 'ref: refs/heads/main' > x/.git/HEAD",
    10_000,
    never,
  );
  expect(outcome.unsafe).toContain("must not become a part");
});

it("writes nowhere but in the workspace and sees nothing of autosd's home", async () => {
  await mkdir(join(scratch, "home"), { recursive: true });
  await writeFile(join(scratch, "home", "key"), "secret words");
  const outcome = await commands.run(
    `cat ${scratch}/home/key; echo x > ${scratch}/planted; echo x > ${repository}/planted; echo x > ../planted; true`,
    10_000,
    never,
  );
  expect(outcome.output).not.toContain("secret words");
  expect(await readdir(scratch)).not.toContain("planted");
  expect(await readdir(repository)).not.toContain("planted");
});

it("stops a command that takes too long, and everything it started", async () => {
  const outcome = await commands.run("sleep 600 & sleep 600", 300, never);
  expect(outcome.end.kind).toBe("timed-out");
});

it("finds a change among the files whatever tool made it", async () => {
  const first = await commands.run("sed -i s/one/1/ a.txt", 10_000, never);
  const second = await commands.run("mv a.txt b.txt", 10_000, never);
  expect(first.tree).toBeDefined();
  expect(second.tree).toBeDefined();
  expect(second.tree).not.toBe(first.tree);
});
