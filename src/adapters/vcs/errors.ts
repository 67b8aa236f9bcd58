import { AutosdError, type AutosdErrorOptions, type ErrorTable } from "../../kernel/errors.ts";

export const vcsErrors = {
  "AUTOSD-GIT-MISSING": {
    exitCode: 2,
    summary: "git is not installed or not on the PATH.",
    remedy: "Install git (Debian, Ubuntu: apt-get install git; macOS: xcode-select --install).",
    retryable: false,
  },
  "AUTOSD-VCS-UNSUPPORTED": {
    exitCode: 2,
    summary: "The repository is of a kind that autosd does not commit to.",
    remedy: "Choose an ordinary clone or a new folder with --output-dir.",
    retryable: false,
  },
  "AUTOSD-VCS-LOCAL-CHANGES": {
    exitCode: 2,
    summary: "Local changes of the work tree are in the way of a commit; they were not touched.",
    remedy: "git stash --include-untracked",
    retryable: false,
  },
  "AUTOSD-VCS-MOVED": {
    exitCode: 2,
    summary: "Somebody else committed to the branch while autosd was working on it.",
    remedy: "Run the command again: it starts from the branch as it is now.",
    retryable: false,
  },
  "AUTOSD-VCS-BUSY": {
    exitCode: 5,
    summary: "Another git process holds a lock of the repository.",
    remedy: "Wait for the other git command; if none is running, remove the lock file named above.",
    retryable: true,
  },
  "AUTOSD-VCS-UNSAFE": {
    exitCode: 4,
    summary: "A folder holds something that must not be committed.",
    remedy: "Remove what the message names, then run the command again.",
    retryable: false,
  },
  "AUTOSD-VCS-UNAUTHORIZED": {
    exitCode: 3,
    summary: "A commit was asked for without leave for exactly that commit.",
    remedy: "Start the run again: autosd runs resume",
    retryable: false,
  },
  "AUTOSD-PUSH-ADDRESS": {
    exitCode: 2,
    summary: "The remote or branch to push to is unknown or not of a kind that autosd pushes to.",
    remedy: "git remote -v",
    retryable: false,
  },
  "AUTOSD-PUSH-REJECTED": {
    exitCode: 5,
    summary: "The remote has commits that the local branch does not, or refuses the push.",
    remedy: "Bring the remote's commits into the local branch, then push again.",
    retryable: false,
  },
  "AUTOSD-PUSH-UNREACHABLE": {
    exitCode: 5,
    summary: "The remote cannot be reached or does not let autosd in.",
    remedy: "Check the address, the network and the credentials, then push again.",
    retryable: true,
  },
  "AUTOSD-VCS-UNWRITABLE": {
    exitCode: 5,
    summary: "git cannot write the repository: no permission, read-only, or the disk is full.",
    remedy: "Make the folder writable or free disk space, then run: autosd runs resume",
    retryable: true,
  },
  "AUTOSD-VCS-FAILED": {
    exitCode: 5,
    summary: "A git command failed.",
    remedy: "Run git fsck in the project's folder.",
    retryable: false,
  },
} as const satisfies ErrorTable;

export type VcsErrorCode = keyof typeof vcsErrors;

/** Ends an operation on a repository. */
export class VcsError extends AutosdError {
  constructor(code: VcsErrorCode, message: string, options?: AutosdErrorOptions) {
    super(code, vcsErrors[code], message, options);
  }
}
