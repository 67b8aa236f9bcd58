import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { createGovernedPlace } from "../../../test/support/governed-place.ts";
import {
  type RemoteSubject,
  pushOf,
  remoteContract,
} from "../../delivery/release/remote.contract.ts";
import { createProcessRunner } from "../process/spawn-runner.ts";
import { createGitRemote, transportOf } from "./remote.ts";

const run = promisify(execFile);
const folders: string[] = [];

afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "autosd-remote-"));
  folders.push(path);
  return path;
}

async function git(cwd: string, ...args: readonly string[]): Promise<string> {
  const identity = ["-c", "user.name=sample", "-c", "user.email=sample@localhost"];
  const { stdout } = await run("git", [...identity, ...args], { cwd });
  return stdout.trim();
}

async function commit(directory: string, text: string): Promise<string> {
  await writeFile(join(directory, "file.txt"), text);
  await git(directory, "add", "file.txt");
  await git(directory, "commit", "-q", "-m", text);
  return git(directory, "rev-parse", "HEAD");
}

async function prepare(): Promise<RemoteSubject> {
  const directory = await folder();
  const bare = await folder();
  const scratch = await folder();
  await git(bare, "init", "-q", "--bare", ".");
  await git(directory, "init", "-q", "-b", "main", ".");
  const first = await commit(directory, "first");
  const second = await commit(directory, "second");
  await git(directory, "checkout", "-q", "--orphan", "other");
  const stranger = await commit(directory, "stranger");
  await git(directory, "checkout", "-q", "main");
  const remote = createGitRemote({
    runner: createProcessRunner(),
    scratch,
    searchPath: process.env["PATH"] ?? "",
    sshAuthSocket: undefined,
    token: async () => undefined,
  });
  const place = createGovernedPlace();
  return {
    remote,
    directory,
    url: bare,
    commits: [first, second],
    stranger,
    leave: (action) => place.leave(action),
  };
}

remoteContract("git, a folder", prepare);

describe("git as a remote", () => {
  it("reads the configured address, and only of a remote's name", async () => {
    const { remote, directory, url } = await prepare();
    await git(directory, "remote", "add", "origin", url);
    expect(await remote.urlOf(directory, "origin")).toBe(url);
    expect(await remote.urlOf(directory, "elsewhere")).toBeUndefined();
    expect(await remote.urlOf(directory, "--global")).toBeUndefined();
  });

  it("runs nothing that the local repository configures", async () => {
    const subject = await prepare();
    const { remote, directory, url, commits } = subject;
    const marker = join(await folder(), "marker");
    const hook = join(directory, ".git", "hooks", "pre-push");
    await writeFile(hook, `#!/bin/sh\ntouch ${marker}\n`, { mode: 0o755 });
    await git(directory, "config", "core.sshCommand", `touch ${marker}`);
    await git(directory, "config", "credential.helper", `!touch ${marker}`);
    await git(directory, "config", `url.ext::touch ${marker}.insteadOf`, url);
    const action = pushOf(commits[1]);
    await remote.push(await subject.leave(action), directory, {
      action,
      url,
      branch: "main",
      commit: commits[1],
      expected: undefined,
    });
    expect(await git(url, "rev-parse", "main")).toBe(commits[1]);
    await expect(run("ls", [marker])).rejects.toThrow();
  });

  it("says that a remote is not there without its credentials", async () => {
    const { remote, directory } = await prepare();
    const url = "file://someone:secret@/nowhere/at/all";
    const asked = remote.headOf(directory, { url, branch: "main" });
    await expect(asked).rejects.toMatchObject({ code: "AUTOSD-PUSH-UNREACHABLE" });
    await expect(asked).rejects.not.toThrow(/secret/);
  });

  it.each([
    ["/srv/git/sample", "file"],
    ["file:///srv/git/sample", "file"],
    ["ssh://git@git.example.org/sample", "ssh"],
    ["git@git.example.org:sample.git", "ssh"],
    ["https://git.example.org/sample", "https"],
    ["http://127.0.0.1:8080/sample.git", "http"],
    ["http://git.example.org/sample", undefined],
    ["http://localhost.example.org/sample", undefined],
    ["ext::sh -c true", undefined],
    ["ext::true", undefined],
    ["--upload-pack=true", undefined],
    ["ftp://git.example.org/sample", undefined],
    ["-oProxyCommand=true:sample", undefined],
    ["", undefined],
    ["https://git.example.org/\nsample", undefined],
  ])("reaches %j by %s", (url, transport) => {
    expect(transportOf(url)).toBe(transport);
  });

  it.each(["../up", "a..b", "-x", "a.lock", "a b", "refs/heads/../../x", "", "a/"])(
    "refuses the branch name %j",
    async (branch) => {
      const { remote, directory, url } = await prepare();
      await expect(remote.headOf(directory, { url, branch })).rejects.toMatchObject({
        code: "AUTOSD-PUSH-ADDRESS",
      });
    },
  );
});
