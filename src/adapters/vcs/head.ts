import { VcsError } from "./errors.ts";
import { runGit, type GitCall, type GitOptions } from "./git-command.ts";
import { readPlainHead } from "./ref-files.ts";
import { refuseLinks, type Repository } from "./repository.ts";

export interface Head {
  /** `refs/heads/main` */
  readonly ref: string;
  readonly commit: string | undefined;
}

/** The current branch and its commit. A detached HEAD is refused: a commit there belongs to no branch. */
export async function readHead(options: GitOptions, repository: Repository): Promise<Head> {
  const { gitDir, directory } = repository;
  const head = (await readPlainHead(gitDir)) ?? (await askHead(options, repository));
  await refuseLinks(directory, gitDir, [head.ref, `logs/${head.ref}`]);
  return head;
}

/** The commit that is checked out; undefined before the first. */
export async function readCommit(
  options: GitOptions,
  repository: Repository,
): Promise<string | undefined> {
  const plain = await readPlainHead(repository.gitDir);
  return plain === undefined ? askCommit(options, repository) : plain.commit;
}

async function askHead(options: GitOptions, repository: Repository): Promise<Head> {
  const { directory } = repository;
  const [ref, commit] = await Promise.all([
    runGit(options, { ...refCall(repository), args: ["symbolic-ref", "-q", "HEAD"] }),
    askCommit(options, repository),
  ]);
  if (ref.exitCode !== 0)
    throw new VcsError(
      "AUTOSD-VCS-UNSUPPORTED",
      `${directory} is on no branch (its HEAD is detached)`,
      { remedy: `git -C '${directory}' switch -c NAME` },
    );
  return { ref: ref.stdout.trim(), commit };
}

async function askCommit(options: GitOptions, repository: Repository): Promise<string | undefined> {
  const args = ["rev-parse", "-q", "--verify", "HEAD"];
  const answer = await runGit(options, { ...refCall(repository), args });
  return answer.exitCode === 0 ? answer.stdout.trim() : undefined;
}

function refCall(repository: Repository): Omit<GitCall, "args"> {
  const { gitDir, directory } = repository;
  return { gitDir, cwd: directory, workTree: directory, answers: [0, 1] };
}
