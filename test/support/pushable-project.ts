import { randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createAuditLog } from "../../src/adapters/governance/create-audit-log.ts";
import { createPolicyFiles } from "../../src/adapters/governance/policy-files.ts";
import { systemClock } from "../../src/adapters/process/system-clock.ts";
import { openDatabase } from "../../src/adapters/store/database.ts";
import { createProjectStore } from "../../src/adapters/store/project-store.ts";
import { sha256 } from "../../src/kernel/hash.ts";
import type { Place } from "./cli.ts";

/** A project of the portfolio with a repository and a bare remote, both real. */
export interface PushableProject {
  readonly id: string;
  readonly directory: string;
  /** Bare. */
  readonly remote: string;
  /** Makes a commit on the branch; returns its id. */
  commit(text: string): Promise<string>;
  /** Records green gates for a commit, as the run that made it would. */
  proveGates(commit: string, gates: readonly string[]): Promise<void>;
  /** What the remote's branch is at; undefined for none. */
  remoteHead(): Promise<string | undefined>;
  /** A hook of the remote: a program of `sh`. */
  hook(name: "pre-receive" | "post-receive", script: string): Promise<void>;
}

/** Puts a project into the portfolio of a place without a run; remote `origin`, branch `main`. */
export async function createPushableProject(place: Place, id: string): Promise<PushableProject> {
  const directory = place.path(id);
  const remote = place.path(`${id}.git`);
  await mkdir(join(directory, ".autosd"), { recursive: true, mode: 0o755 });
  const createdAt = "2026-01-01T00:00:00.000Z";
  const identity = { schema: "autosd/project@1", projectId: id, title: id, createdAt };
  await writeFile(join(directory, ".autosd", "project.json"), JSON.stringify(identity), {
    mode: 0o644,
  });
  const git = async (cwd: string, ...args: readonly string[]): Promise<string> => {
    const user = ["-c", "user.name=Test", "-c", "user.email=test@example.org"];
    const result = await place.run("git", [...user, "-C", cwd, ...args]);
    if (result.code !== 0) throw new Error(`git ${args.join(" ")}: ${result.stderr}`);
    return result.stdout.trim();
  };
  await git(directory, "init", "--quiet", "--initial-branch=main");
  await git(place.root, "init", "--quiet", "--bare", "--initial-branch=main", remote);
  await git(directory, "remote", "add", "origin", remote);
  await register(place, id, directory);
  return {
    id,
    directory,
    remote,
    commit: async (text) => {
      await writeFile(join(directory, "README.md"), `${text}\n`);
      await git(directory, "add", "README.md");
      await git(directory, "commit", "--quiet", "-m", text);
      return git(directory, "rev-parse", "HEAD");
    },
    proveGates: (commit, gates) => proveGates(place, { project: id, commit, gates }),
    remoteHead: async () => {
      const line = await git(directory, "ls-remote", remote, "refs/heads/main");
      return line === "" ? undefined : line.split("\t")[0];
    },
    hook: (name, script) =>
      writeFile(join(remote, "hooks", name), `#!/bin/sh\n${script}\n`, { mode: 0o755 }),
  };
}

async function register(place: Place, id: string, directory: string): Promise<void> {
  const database = await openDatabase({ home: place.home });
  try {
    await createProjectStore(database).upsert({
      ...{ id, title: id, directory, platform: "api_service" },
      ...{ status: "open", health: "verified", storiesDone: 1, storiesTotal: 1 },
      lastRunId: undefined,
      createdAtMs: Date.now(),
      updatedAtMs: Date.now(),
    });
  } finally {
    await database.close();
  }
  await createPolicyFiles(place.home).remember(id, directory);
}

async function proveGates(
  { home }: Place,
  of: { readonly project: string; readonly commit: string; readonly gates: readonly string[] },
): Promise<void> {
  const log = createAuditLog({
    home,
    logFile: join(home, "audit.log.jsonl"),
    clock: systemClock,
    entropy: { bytes: (count) => new Uint8Array(randomBytes(count)) },
  });
  try {
    await log.transact(async () => ({
      append: [
        {
          kind: "evidence",
          actor: { type: "system", id: "autosd" },
          project: of.project,
          commit: of.commit,
          gates: of.gates.map((name) => ({ name, ok: true, evidence: sha256(name) })),
        },
      ],
      value: undefined,
    }));
  } finally {
    await log.close();
  }
}
