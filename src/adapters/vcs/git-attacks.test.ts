import { execFileSync } from "node:child_process";
import {
  access,
  chmod,
  mkdir,
  mkdtemp,
  readFile,
  rename,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { commitFiles, writeFiles, type VcsSubject } from "../../delivery/agent/vcs.contract.ts";
import { createProcessRunner } from "../process/spawn-runner.ts";
import { createGit } from "./git.ts";

const searchPath = "/usr/local/bin:/usr/bin:/bin";
const base = await mkdtemp(join(tmpdir(), "autosd-git-attacks-"));
afterAll(() => rm(base, { recursive: true, force: true }));
let folders = 0;

const subject: VcsSubject = {
  vcs: createGit({ runner: createProcessRunner(), scratch: join(base, "scratch"), searchPath }),
  async folder() {
    const path = join(base, `f${String((folders += 1))}`);
    await mkdir(path);
    return path;
  },
};
const { vcs } = subject;

function git(directory: string, ...args: readonly string[]): string {
  return execFileSync("git", args, {
    cwd: directory,
    encoding: "utf8",
    env: { PATH: searchPath, GIT_CONFIG_NOSYSTEM: "1", HOME: base },
    stdio: ["ignore", "pipe", "ignore"],
  });
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** A script that leaves a mark when somebody runs it, and passes its input on. */
async function trap(): Promise<{ readonly script: string; readonly mark: string }> {
  const folder = await subject.folder();
  const script = join(folder, "trap.sh");
  const mark = join(folder, "executed");
  await writeFile(script, `#!/bin/sh\necho run >> '${mark}'\nexec cat\n`);
  await chmod(script, 0o755);
  return { script, mark };
}

/** Everything that autosd does with a repository. */
async function useEverything(directory: string): Promise<void> {
  await vcs.inspect(directory);
  await vcs.initialise(directory);
  const one = await commitFiles(subject, directory, { "a.txt": "2", "x.bin": "\0" }, "k1");
  await writeFiles(directory, { "dirty.txt": "1" });
  await vcs.inspect(directory);
  const two = await commitFiles(subject, directory, { "a.txt": "3", "b.txt": "3" }, "k2");
  await vcs.materialise(directory, two.tree, await subject.folder());
  await vcs.changes(directory, one.tree, two.tree);
  await vcs.readFile(directory, two.tree, "a.txt");
  await vcs.listFiles(directory, two.tree);
  await vcs.findByKey(directory, "k1");
  await vcs.repairCheckout(directory);
  expect(await readFile(join(directory, "a.txt"), "utf8")).toBe("3");
}

const hooks = [
  ...["pre-commit", "post-commit", "commit-msg", "prepare-commit-msg", "post-checkout"],
  ...[
    "post-index-change",
    "reference-transaction",
    "post-merge",
    "pre-auto-gc",
    "fsmonitor-watchman",
  ],
];

describe("nothing in a repository is executed", () => {
  it("the trap itself works: git alone walks into it", async () => {
    const { script, mark } = await trap();
    const directory = await subject.folder();
    git(directory, "init", "-q");
    git(directory, "config", "core.fsmonitor", script);
    await writeFiles(directory, { "a.txt": "1" });
    try {
      git(directory, "add", "a.txt");
      git(directory, "status");
    } catch {
      // The trap is no proper monitor; that it was run is what counts.
    }
    expect(await exists(mark)).toBe(true);
  });

  it.each<[string, (directory: string, script: string) => Promise<void>]>([
    [
      "hooks",
      async (directory, script) => {
        await mkdir(join(directory, ".git", "hooks"), { recursive: true });
        for (const name of hooks) await symlink(script, join(directory, ".git", "hooks", name));
      },
    ],
    [
      "a hooks path of the configuration",
      async (directory, script) => {
        const path = await subject.folder();
        for (const name of hooks) await symlink(script, join(path, name));
        git(directory, "config", "core.hooksPath", path);
      },
    ],
    [
      "a file system monitor",
      async (directory, script) => {
        git(directory, "config", "core.fsmonitor", script);
        git(directory, "config", "core.fsmonitorHookVersion", "1");
      },
    ],
    [
      "filters for all files",
      async (directory, script) => {
        for (const kind of ["clean", "smudge", "process"])
          git(directory, "config", `filter.trap.${kind}`, script);
        git(directory, "config", "filter.trap.required", "true");
        await mkdir(join(directory, ".git", "info"), { recursive: true });
        await writeFile(
          join(directory, ".git", "info", "attributes"),
          "* filter=trap diff=trap merge=trap\n",
        );
        await writeFile(join(directory, ".gitattributes"), "* filter=trap diff=trap merge=trap\n");
      },
    ],
    [
      "diff and merge programs",
      async (directory, script) => {
        git(directory, "config", "diff.external", script);
        git(directory, "config", "diff.trap.textconv", script);
        git(directory, "config", "diff.trap.command", script);
        git(directory, "config", "merge.trap.driver", script);
        await writeFile(join(directory, ".gitattributes"), "* diff=trap merge=trap\n");
      },
    ],
    [
      "an included configuration",
      async (directory, script) => {
        const path = join(await subject.folder(), "included");
        await writeFile(
          path,
          `[core]\n\tfsmonitor = ${script}\n\tpager = ${script}\n\teditor = ${script}\n[filter "trap"]\n\tclean = ${script}\n\tsmudge = ${script}\n`,
        );
        git(directory, "config", "include.path", path);
        git(directory, "config", "includeIf.gitdir:/.path", path);
        await writeFile(join(directory, ".gitattributes"), "* filter=trap\n");
      },
    ],
    [
      "aliases of the commands that are used",
      async (directory, script) => {
        for (const name of [
          "add",
          "commit-tree",
          "update-ref",
          "status",
          "read-tree",
          "log",
          "rev-parse",
        ])
          git(directory, "config", `alias.${name}`, `!${script}`);
      },
    ],
    [
      "signing programs",
      async (directory, script) => {
        git(directory, "config", "commit.gpgSign", "true");
        git(directory, "config", "gpg.program", script);
        git(directory, "config", "log.showSignature", "true");
      },
    ],
    [
      "a promisor remote that fetches missing objects",
      async (directory, script) => {
        git(directory, "config", "remote.origin.url", `ext::${script}`);
        git(directory, "config", "remote.origin.promisor", "true");
        git(directory, "config", "extensions.partialClone", "origin");
        git(directory, "config", "core.repositoryFormatVersion", "1");
        git(directory, "config", "protocol.ext.allow", "always");
        git(directory, "config", "core.sshCommand", script);
        git(directory, "config", "credential.helper", `!${script}`);
        await vcs.treeOf(directory, "1".repeat(40)).catch(() => undefined);
      },
    ],
    [
      "maintenance in the background",
      async (directory, script) => {
        git(directory, "config", "gc.auto", "1");
        git(directory, "config", "gc.recentObjectsHook", script);
        git(directory, "config", "maintenance.auto", "true");
      },
    ],
  ])("%s", async (_name, plant) => {
    const { script, mark } = await trap();
    const directory = await subject.folder();
    await vcs.initialise(directory);
    await plant(directory, script);
    await useEverything(directory);
    expect(await exists(mark)).toBe(false);
  });
});

describe("nothing outside is touched", () => {
  it("a work tree of the configuration is not believed", async () => {
    const directory = await subject.folder();
    const elsewhere = await subject.folder();
    await writeFiles(elsewhere, { "a.txt": "theirs" });
    await vcs.initialise(directory);
    git(directory, "config", "core.worktree", elsewhere);
    await useEverything(directory);
    expect(await readFile(join(elsewhere, "a.txt"), "utf8")).toBe("theirs");
  });

  it("the exclude file is not written through a link", async () => {
    const directory = await subject.folder();
    const victim = join(await subject.folder(), "victim");
    await writeFile(victim, "theirs\n");
    git(directory, "init", "-q", "--template=");
    await mkdir(join(directory, ".git", "info"), { recursive: true });
    await symlink(victim, join(directory, ".git", "info", "exclude"));
    await expect(vcs.initialise(directory)).rejects.toMatchObject({
      code: "AUTOSD-VCS-UNSUPPORTED",
    });
    expect(await readFile(victim, "utf8")).toBe("theirs\n");
  });

  it("a link that waits where the exclude file is written first is not followed", async () => {
    const directory = await subject.folder();
    const victim = join(await subject.folder(), "victim");
    await writeFile(victim, "theirs\n");
    git(directory, "init", "-q", "--template=");
    const info = join(directory, ".git", "info");
    await mkdir(info, { recursive: true });
    await symlink(victim, join(info, `exclude.${process.pid}.tmp`));
    await vcs.initialise(directory);
    expect(await readFile(join(info, "exclude"), "utf8")).toContain("/.autosd/");
    expect(await readFile(victim, "utf8")).toBe("theirs\n");
  });

  it.each([
    "index",
    "logs/HEAD",
    "logs/refs/heads/main",
    "autosd-checkout.json",
    "refs/heads/main",
  ])("git's own %s is not written through a link", async (name) => {
    const directory = await subject.folder();
    const victim = join(await subject.folder(), "victim");
    await writeFile(victim, "theirs\n");
    await vcs.initialise(directory);
    await commitFiles(subject, directory, { "a.txt": "1" }, "k1");
    await rm(join(directory, ".git", name), { force: true });
    await symlink(victim, join(directory, ".git", name));
    await expect(commitFiles(subject, directory, { "a.txt": "2" }, "k2")).rejects.toMatchObject({
      code: expect.stringMatching(/^AUTOSD-VCS-/) as string,
    });
    expect(await readFile(victim, "utf8")).toBe("theirs\n");
  });

  it("a folder that became a link is not written through", async () => {
    const directory = await subject.folder();
    const elsewhere = await subject.folder();
    await vcs.initialise(directory);
    await commitFiles(subject, directory, { "src/a.txt": "1" }, "k1");
    await rename(join(directory, "src"), join(elsewhere, "src"));
    await symlink(join(elsewhere, "src"), join(directory, "src"));
    await commitFiles(subject, directory, { "src/a.txt": "2", "src/b.txt": "2" }, "k2").catch(
      () => undefined,
    );
    expect(await readFile(join(elsewhere, "src/a.txt"), "utf8")).toBe("1");
    expect(await exists(join(elsewhere, "src/b.txt"))).toBe(false);
  });
});

describe("a snapshot refuses", () => {
  it.each<[string, (from: string) => Promise<void>, string]>([
    [
      "a nested repository",
      async (from) => {
        await mkdir(join(from, "vendor"));
        git(join(from, "vendor"), "init", "-q");
      },
      "vendor/.git",
    ],
    ["a repository in its root", async (from) => void git(from, "init", "-q"), ".git"],
    ["a .git file", (from) => writeFiles(from, { "sub/.git": "gitdir: /tmp\n" }), "sub/.git"],
    ["a .GIT folder", (from) => writeFiles(from, { ".GIT/config": "" }), ".GIT"],
    ["a short name of .git", (from) => writeFiles(from, { "GIT~1/config": "" }), "GIT~1"],
    ["a .git with a trailing dot", (from) => writeFiles(from, { ".git./config": "" }), ".git."],
    [
      "a .git with a hidden character",
      (from) => writeFiles(from, { ".g\u200cit/config": "" }),
      ".g",
    ],
    [
      "a repository inside an ignored folder",
      async (from) => {
        await writeFiles(from, { ".gitignore": "vendor/\n" });
        await mkdir(join(from, "vendor"));
        git(join(from, "vendor"), "init", "-q");
      },
      "vendor/.git",
    ],
    ["a link to an absolute path", (from) => symlink("/etc/passwd", join(from, "link")), "link"],
    ["a link that climbs out", (from) => symlink("../outside", join(from, "link")), "link"],
    [
      "a link that climbs out behind another",
      async (from) => {
        await mkdir(join(from, "a"));
        await symlink("..", join(from, "a", "up"));
        await symlink("up/../x", join(from, "a", "link"));
      },
      "a/link",
    ],
    ["a link into git's folder", (from) => symlink(".git/config", join(from, "link")), "link"],
    [
      "a file that is too large",
      async (from) => {
        await writeFile(join(from, "big.bin"), Buffer.alloc(33 * 1024 * 1024));
      },
      "big.bin",
    ],
    [
      "a name that is not UTF-8",
      async (from) => {
        await writeFile(Buffer.concat([Buffer.from(`${from}/`), Buffer.from([0xff, 0x41])]), "x");
      },
      "UTF-8",
    ],
  ])("%s", async (_name, plant, words) => {
    const directory = await subject.folder();
    await vcs.initialise(directory);
    const from = await subject.folder();
    await writeFiles(from, { "a.txt": "1" });
    await plant(from);
    await expect(vcs.snapshot(directory, from)).rejects.toMatchObject({
      code: "AUTOSD-VCS-UNSAFE",
      message: expect.stringContaining(words) as string,
    });
  });

  it("not a large file that is ignored, nor a link that stays inside, nor a pipe", async () => {
    const directory = await subject.folder();
    await vcs.initialise(directory);
    const from = await subject.folder();
    await writeFiles(from, { ".gitignore": "*.bin\n", "d/a.txt": "1" });
    await writeFile(join(from, "big.bin"), Buffer.alloc(33 * 1024 * 1024));
    await symlink("../d/a.txt", join(from, "d", "link"));
    execFileSync("mkfifo", [join(from, "pipe")]);
    const tree = await vcs.snapshot(directory, from);
    expect(await vcs.listFiles(directory, tree)).toEqual([".gitignore", "d/a.txt", "d/link"]);
  });
});

describe("a damaged repository", () => {
  it.each<[string, (directory: string) => Promise<void>]>([
    [
      "an index of garbage",
      (at) => writeFile(join(at, ".git", "index"), Buffer.alloc(1_000_000, 7)),
    ],
    [
      "an index that claims billions of entries",
      (at) => {
        const header = Buffer.from("DIRC\0\0\0\u0002\u007f\u007f\u007f\u007f", "latin1");
        return writeFile(join(at, ".git", "index"), Buffer.concat([header, Buffer.alloc(20)]));
      },
    ],
    ["a HEAD of garbage", (at) => writeFile(join(at, ".git", "HEAD"), "garbage\n")],
    ["a configuration of garbage", (at) => writeFile(join(at, ".git", "config"), "[core\n")],
  ])("%s is an error that says so", async (_name, damage) => {
    const directory = await subject.folder();
    await vcs.initialise(directory);
    await commitFiles(subject, directory, { "a.txt": "1" }, "k1");
    await damage(directory);
    await expect(commitFiles(subject, directory, { "a.txt": "2" }, "k2")).rejects.toMatchObject({
      code: expect.stringMatching(/^AUTOSD-VCS-/) as string,
    });
    expect(await readFile(join(directory, "a.txt"), "utf8")).toBe("1");
  });
});
