import { VcsError } from "./errors.ts";
import { runGit, type GitCall, type GitOptions } from "./git-command.ts";
import { readPlainBranch, readPlainHead } from "./ref-files.ts";
import { refuseLinks, type Repository } from "./repository.ts";

/** The branch that is worked on. */
export interface Head {
  /** `refs/heads/main` */
  readonly ref: string;
  /** The commit that work goes on from. */
  readonly commit: string | undefined;
  /** What the reference holds: differs from `commit` while a branch is not begun. */
  readonly tip: string | undefined;
  /** Whether the work tree shows it. */
  readonly isCheckedOut: boolean;
}

/** The branch to work on and its commit. A detached HEAD is refused: a commit there belongs to no branch. */
export async function readHead(options: GitOptions, repository: Repository): Promise<Head> {
  const { gitDir, directory } = repository;
  const head =
    options.branch === undefined
      ? await checkedOut(options, repository)
      : await branchHead(options, repository, options.branch);
  await refuseLinks(directory, gitDir, [head.ref, `logs/${head.ref}`]);
  return head;
}

/** The commit that work goes on from; undefined before the first. */
export async function readCommit(
  options: GitOptions,
  repository: Repository,
): Promise<string | undefined> {
  if (options.branch !== undefined)
    return (await branchHead(options, repository, options.branch)).commit;
  const plain = await readPlainHead(repository.gitDir);
  return plain === undefined ? askCommit(options, repository, "HEAD") : plain.commit;
}

/** The branch that is checked out, its commit or both undefined; `ref` is undefined on a detached HEAD. */
export async function lookAtHead(
  options: GitOptions,
  repository: Repository,
): Promise<{ readonly ref: string | undefined; readonly commit: string | undefined }> {
  const plain = await readPlainHead(repository.gitDir);
  if (plain !== undefined) return plain;
  const [ref, commit] = await Promise.all([
    runGit(options, { ...refCall(repository), args: ["symbolic-ref", "-q", "HEAD"] }),
    askCommit(options, repository, "HEAD"),
  ]);
  return { ref: ref.exitCode === 0 ? ref.stdout.trim() : undefined, commit };
}

/** What a reference points at; undefined when there is none. */
export async function readRef(
  options: GitOptions,
  repository: Repository,
  ref: string,
): Promise<string | undefined> {
  const plain = await readPlainBranch(repository.gitDir, ref);
  return plain === undefined ? askCommit(options, repository, ref) : plain.commit;
}

async function checkedOut(options: GitOptions, repository: Repository): Promise<Head> {
  const { ref, commit } = await lookAtHead(options, repository);
  const { directory } = repository;
  if (ref === undefined)
    throw new VcsError(
      "AUTOSD-VCS-UNSUPPORTED",
      `${directory} is on no branch (its HEAD is detached)`,
      { remedy: `git -C '${directory}' switch -c NAME` },
    );
  return { ref, commit, tip: commit, isCheckedOut: true };
}

async function branchHead(
  options: GitOptions,
  repository: Repository,
  branch: NonNullable<GitOptions["branch"]>,
): Promise<Head> {
  const ref = `refs/heads/${branch.name}`;
  const [tip, head] = await Promise.all([
    readRef(options, repository, ref),
    lookAtHead(options, repository),
  ]);
  const isAsItWas = (tip ?? null) === branch.from;
  const commit = isAsItWas ? branch.start : tip;
  return { ref, commit, tip, isCheckedOut: head.ref === ref };
}

async function askCommit(
  options: GitOptions,
  repository: Repository,
  name: string,
): Promise<string | undefined> {
  const args = ["rev-parse", "-q", "--verify", name];
  const answer = await runGit(options, { ...refCall(repository), args });
  return answer.exitCode === 0 ? answer.stdout.trim() : undefined;
}

/** A command on the repository's references. */
export function refCall(repository: Repository): Omit<GitCall, "args"> {
  const { gitDir, directory } = repository;
  return { gitDir, cwd: directory, workTree: directory, answers: [0, 1] };
}
