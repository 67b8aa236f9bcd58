import type { CommitRequest } from "../../delivery/agent/vcs.port.ts";
import { Authorization } from "../../governance/policy/authorization.ts";
import { applyMove, checkMove, forgetMove, rememberMove } from "./checkout.ts";
import { VcsError } from "./errors.ts";
import { runGit, type GitOptions } from "./git-command.ts";
import type { GitParts } from "./git-parts.ts";
import { type Head, readHead } from "./head.ts";
import { locate, requireRepository, type Repository } from "./repository.ts";
import { treeOf } from "./tree-reads.ts";
import { workTreeOn } from "./work-trees.ts";

const keyTrailer = "Autosd-Key";
const noCommit = "0".repeat(40);

/** Authorize, look, write, move, follow: the branch moves only when the work tree can follow. */
export async function commitTree(
  options: GitParts,
  authorization: Authorization,
  directory: string,
  request: CommitRequest,
): Promise<string> {
  spendFor(authorization, request);
  const repository = await requireRepository(options, directory);
  const head = await readHead(options, repository);
  if (head.commit !== request.parent) throw moved(directory, request.parent, head.commit);
  if (!head.isCheckedOut) return commitBeside(options, repository, head, request);
  const from = await treeOf(options, directory, request.parent);
  const move = { from, to: request.tree };
  const [commit] = await Promise.all([
    writeCommit(options, repository, request),
    checkMove(options, repository, move),
  ]);
  await rememberMove(repository, move);
  await moveBranch(options, repository, { ref: head.ref, from: head.tip, to: commit });
  await applyMove(options, repository, move);
  await forgetMove(repository);
  return commit;
}

/** On a branch that is not checked out: no file of the work tree and no index is looked at. */
async function commitBeside(
  options: GitParts,
  repository: Repository,
  head: Head,
  request: CommitRequest,
): Promise<string> {
  const elsewhere = await workTreeOn(repository, head.ref);
  if (elsewhere !== undefined) throw inUse(repository.directory, head.ref, elsewhere);
  const commit = await writeCommit(options, repository, request);
  await moveBranch(options, repository, { ref: head.ref, from: head.tip, to: commit });
  return commit;
}

function inUse(directory: string, ref: string, by: string): VcsError {
  return new VcsError(
    "AUTOSD-VCS-LOCAL-CHANGES",
    `${ref.replace("refs/heads/", "")} is checked out in ${by}, whose files would not follow; nothing was committed`,
    { remedy: `git -C '${by}' switch --detach`, details: { directory, by } },
  );
}

/** The newest commit of the current branch with that `Autosd-Key` trailer. */
export async function findCommitByKey(
  options: GitOptions,
  directory: string,
  key: string,
): Promise<string | undefined> {
  const repository = await locate(options, directory);
  if (repository === undefined) return undefined;
  const head = await readHead(options, repository);
  if (head.commit === undefined) return undefined;
  const answer = await runGit(options, {
    gitDir: repository.view,
    cwd: directory,
    env: repository.objectsEnv,
    args: [
      "log",
      "--no-show-signature",
      "--fixed-strings",
      `--grep=${keyTrailer}: ${key}`,
      `--format=%H %(trailers:key=${keyTrailer},valueonly,separator=%x20)`,
      head.commit,
      "--",
    ],
  });
  // The words may stand in the text of a message as well; only the trailer counts.
  const line = answer.stdout.split("\n").find((one) => one.slice(41).split(" ").includes(key));
  return line?.slice(0, 40);
}

function spendFor(authorization: Authorization, request: CommitRequest): void {
  const key = request.trailers.find(([name]) => name === keyTrailer)?.[1];
  const refusal =
    key === undefined
      ? "the commit has no key"
      : Authorization.spend(authorization, { kind: "workspace.commit", key });
  if (refusal !== undefined)
    throw new VcsError("AUTOSD-VCS-UNAUTHORIZED", `the commit was not authorized: ${refusal}`);
}

async function writeCommit(
  options: GitOptions,
  repository: Repository,
  request: CommitRequest,
): Promise<string> {
  const date = `${Math.floor(request.timeMs / 1000)} +0000`;
  const answer = await runGit(options, {
    gitDir: repository.view,
    cwd: repository.directory,
    env: { ...repository.objectsEnv, GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date },
    args: [
      "commit-tree",
      request.tree,
      ...(request.parent === undefined ? [] : ["-p", request.parent]),
      "-F",
      "-",
    ],
    stdin: messageOf(request),
  });
  return answer.stdout.trim();
}

function messageOf(request: CommitRequest): string {
  const text = request.message.replaceAll("\0", "").trim();
  const trailers = request.trailers.map(
    // A line break would end the trailer and begin another one.
    ([name, value]) => `${name}: ${value.replaceAll(/[\r\n\0]+/g, " ").trim()}`,
  );
  return `${text}\n\n${trailers.join("\n")}\n`;
}

async function moveBranch(
  options: GitOptions,
  repository: Repository,
  move: { readonly ref: string; readonly from: string | undefined; readonly to: string },
): Promise<void> {
  try {
    await runGit(options, {
      gitDir: repository.gitDir,
      cwd: repository.directory,
      workTree: repository.directory,
      args: [
        ...["update-ref", "--no-deref", "-m", "autosd: commit"],
        ...[move.ref, move.to, move.from ?? noCommit],
      ],
    });
  } catch (error) {
    await forgetMove(repository);
    if (error instanceof VcsError && /but expected|already exists/.test(error.message))
      throw moved(repository.directory, move.from, undefined);
    throw error;
  }
}

function moved(
  directory: string,
  expected: string | undefined,
  found: string | undefined,
): VcsError {
  const from = expected ?? "no commit";
  return new VcsError(
    "AUTOSD-VCS-MOVED",
    `the branch in ${directory} is not at ${from} any more${found === undefined ? "" : ` but at ${found}`}; nothing was committed`,
  );
}
