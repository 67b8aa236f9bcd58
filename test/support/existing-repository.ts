import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, mkdir, readdir, readFile, readlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** A person's repository, made with their own git. */
export class ExistingRepository {
  readonly root: string;

  private constructor(root: string) {
    this.root = root;
  }

  static async create(
    root: string,
    files: Readonly<Record<string, string>>,
  ): Promise<ExistingRepository> {
    const repository = new ExistingRepository(root);
    await mkdir(root, { recursive: true });
    repository.git("init", "-q", "-b", "main");
    repository.git("config", "user.name", "Person");
    repository.git("config", "user.email", "person@localhost");
    await repository.write(files);
    repository.git("add", "-A");
    repository.git("commit", "-q", "-m", "first");
    return repository;
  }

  /** The person's git, which runs what the repository configures. */
  git(...args: readonly string[]): string {
    const env = { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" };
    const stdio = ["ignore", "pipe", "pipe"] as const;
    return execFileSync("git", ["-C", this.root, ...args], {
      encoding: "utf8",
      env,
      stdio: [...stdio],
    }).trim();
  }

  async write(files: Readonly<Record<string, string>>): Promise<void> {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(this.root, path)), { recursive: true });
      await writeFile(join(this.root, path), text);
    }
  }

  /** Everything that a repository can be told to run: hooks, filters, a file system monitor. Each leaves a file in `traces`. */
  async plantPrograms(traces: string): Promise<void> {
    await mkdir(traces, { recursive: true });
    const program = (name: string) => `touch '${join(traces, name)}'; cat`;
    for (const hook of ["pre-commit", "post-commit", "reference-transaction", "post-checkout"]) {
      const path = join(this.root, ".git", "hooks", hook);
      await this.write({ [`.git/hooks/${hook}`]: `#!/bin/sh\ntouch '${join(traces, hook)}'\n` });
      await chmod(path, 0o755);
    }
    this.git("config", "core.fsmonitor", program("fsmonitor"));
    for (const driver of ["clean", "smudge"])
      this.git("config", `filter.planted.${driver}`, program(driver));
    this.git("config", "diff.planted.textconv", program("textconv"));
    this.git("config", "merge.planted.driver", program("merge"));
    this.git("config", "alias.commit-tree", `!${program("alias")}`);
    await this.write({
      ".git/info/attributes": "* filter=planted diff=planted merge=planted\n",
    });
  }

  /** Digests of every file, the git folder's included; without what a branch beside the checkout is made of. */
  async digests(): Promise<ReadonlyMap<string, string>> {
    const found = new Map<string, string>();
    const entries = await readdir(this.root, { recursive: true, withFileTypes: true });
    for (const entry of entries) {
      const full = join(entry.parentPath, entry.name);
      const path = full.slice(this.root.length + 1);
      if (ofBranches.test(path) || entry.isDirectory()) continue;
      const bytes = entry.isSymbolicLink() ? await readlink(full) : await readFile(full);
      found.set(path, createHash("sha256").update(bytes).digest("hex"));
    }
    return found;
  }
}

const ofBranches =
  /^(?:\.autosd\/|\.git\/(?:objects|refs\/heads\/autosd|logs\/refs\/heads\/autosd|info\/exclude))/;
