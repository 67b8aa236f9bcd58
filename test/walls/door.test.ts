import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import ts from "typescript";
import { afterAll, describe, expect, it } from "vitest";
import { createProcessRunner } from "../../src/adapters/process/spawn-runner.ts";
import { createGit } from "../../src/adapters/vcs/git.ts";
import { createGitRemote } from "../../src/adapters/vcs/remote.ts";
import { pushOf } from "../../src/delivery/release/remote.contract.ts";
import { Authorization } from "../../src/governance/policy/authorization.ts";
import { createGovernedPlace } from "../support/governed-place.ts";

/** Every method of a port that acts on the outside, and the adapter that stands behind it. */

const run = promisify(execFile);
const folders: string[] = [];
const refusedCode = "AUTOSD-VCS-UNAUTHORIZED";

afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

/** One privileged method on a real adapter. */
interface Walk {
  /** Acts, on whatever it is given as leave. */
  act(leave: unknown): Promise<unknown>;
  /** Leave for exactly this act, as it is given. */
  right(): Promise<Authorization>;
  /** Genuine leave for something else, of the same and of another kind. */
  others(): Promise<readonly Authorization[]>;
  /** What the act changes; equal before and after what was refused. */
  state(): Promise<string>;
}

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "autosd-door-"));
  folders.push(path);
  return path;
}

async function git(cwd: string, ...args: readonly string[]): Promise<string> {
  const identity = ["-c", "user.name=sample", "-c", "user.email=sample@localhost"];
  return (await run("git", [...identity, ...args], { cwd })).stdout.trim();
}

async function repository(): Promise<{ readonly directory: string; readonly head: string }> {
  const directory = await folder();
  await git(directory, "init", "-q", "-b", "main", ".");
  await writeFile(join(directory, "file.txt"), "text");
  await git(directory, "add", "file.txt");
  await git(directory, "commit", "-q", "-m", "first");
  return { directory, head: await git(directory, "rev-parse", "HEAD") };
}

const commitLeave = (key: string): Authorization =>
  Authorization.forLocalAction({ kind: "workspace.commit", project: "p", runId: "r", key });

async function gitOptions() {
  const searchPath = process.env["PATH"] ?? "";
  return { runner: createProcessRunner(), scratch: await folder(), searchPath };
}

async function walkCommit(): Promise<Walk> {
  const { directory, head } = await repository();
  const vcs = createGit(await gitOptions());
  const place = createGovernedPlace();
  const tree = await git(directory, "rev-parse", "HEAD^{tree}");
  return {
    act: (leave) =>
      vcs.commit(leave as Authorization, directory, {
        tree,
        parent: head,
        message: "second",
        trailers: [["Autosd-Key", "key"]],
        timeMs: 1_767_225_600_000,
      }),
    right: async () => commitLeave("key"),
    others: async () => [commitLeave("other"), await place.leave(pushOf(head))],
    state: () => git(directory, "rev-parse", "HEAD"),
  };
}

async function walkPush(): Promise<Walk> {
  const { directory, head } = await repository();
  const bare = await folder();
  await git(bare, "init", "-q", "--bare", ".");
  const place = createGovernedPlace();
  const remote = createGitRemote({
    ...(await gitOptions()),
    sshAuthSocket: undefined,
    token: async () => undefined,
  });
  const action = pushOf(head);
  return {
    act: (leave) =>
      remote.push(leave as Authorization, directory, {
        action,
        url: bare,
        branch: "main",
        commit: head,
        expected: undefined,
      }),
    right: () => place.leave(action),
    others: async () => [
      commitLeave("key"),
      await place.leave({ ...action, run: "run_2" }),
      await place.leave({ ...action, commit: "b".repeat(40) }),
    ],
    state: () => git(bare, "for-each-ref"),
  };
}

const walks: Readonly<Record<string, () => Promise<Walk>>> = {
  "Vcs.commit": walkCommit,
  "Remote.push": walkPush,
};

/** Methods of ports whose first parameter is an authorization, as the compiler reads them. */
async function privilegedMethods(): Promise<readonly string[]> {
  const files = await readdir("src", { recursive: true });
  const found: string[] = [];
  for (const file of files.filter((one) => one.endsWith(".port.ts"))) {
    const path = join("src", file);
    const source = ts.createSourceFile(
      path,
      await readFile(path, "utf8"),
      ts.ScriptTarget.Latest,
      true,
    );
    source.forEachChild((node) => {
      if (!ts.isInterfaceDeclaration(node)) return;
      for (const member of node.members)
        if (
          ts.isMethodSignature(member) &&
          member.parameters[0]?.type?.getText() === "Authorization"
        )
          found.push(`${node.name.text}.${member.name.getText()}`);
    });
  }
  return found;
}

describe("the door", () => {
  it("knows every port method that acts on an authorization", async () => {
    const settled = ["Door.settle", "Effect.do"];
    const methods = (await privilegedMethods()).filter((one) => !settled.includes(one));
    expect([...methods].sort()).toEqual(Object.keys(walks).sort());
  });

  describe.each(Object.entries(walks))("%s", (_, prepare) => {
    it("refuses without leave, with forged leave and with another's", async () => {
      const walk = await prepare();
      const before = await walk.state();
      const right = await walk.right();
      const forged: readonly unknown[] = [
        undefined,
        null,
        "leave",
        {},
        Object.assign({}, right),
        structuredClone(Object.assign({}, right)),
        Object.create(right) as unknown,
        new Proxy(right, {}),
      ];
      for (const leave of [...forged, ...(await walk.others())])
        await expect(walk.act(leave)).rejects.toMatchObject({ code: refusedCode });
      expect(await walk.state()).toBe(before);
      // What was refused was not spent.
      await walk.act(right);
      expect(await walk.state()).not.toBe(before);
    });

    it("acts once on one leave", async () => {
      const walk = await prepare();
      const leave = await walk.right();
      await walk.act(leave);
      const after = await walk.state();
      await expect(walk.act(leave)).rejects.toMatchObject({ code: refusedCode });
      expect(await walk.state()).toBe(after);
    });
  });
});
