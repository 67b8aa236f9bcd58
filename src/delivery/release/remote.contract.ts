import { describe, expect, it } from "vitest";
import type { PrivilegedAction } from "../../governance/grants/action.ts";
import type { Authorization } from "../../governance/policy/authorization.ts";
import type { Remote } from "./remote.port.ts";

/** A remote repository and a local one with a history of two commits, fresh for each test. */
export interface RemoteSubject {
  readonly remote: Remote;
  /** Folder of the local repository. */
  readonly directory: string;
  /** Address of an empty remote repository. */
  readonly url: string;
  /** Full ids, oldest first, each the child of the one before. */
  readonly commits: readonly [string, string];
  /** A commit that is no descendant of the others. */
  readonly stranger: string;
  /** Leave for the action, as the door gives it. */
  leave(action: PrivilegedAction): Promise<Authorization>;
}

const branch = "main";

export function pushOf(commit: string): PrivilegedAction {
  return {
    action: "push",
    project: "sample",
    environment: null,
    target: null,
    commit,
    artifact: null,
    run: "run_1",
  };
}

/** What every remote does, and refuses. */
export function remoteContract(name: string, prepare: () => Promise<RemoteSubject>): void {
  const pushing = async (subject: RemoteSubject, commit: string, expected?: string) => {
    const action = pushOf(commit);
    const leave = await subject.leave(action);
    const { url } = subject;
    return subject.remote.push(leave, subject.directory, { action, url, branch, commit, expected });
  };

  describe(`a remote: ${name}`, () => {
    it("says that a branch does not exist, then where it is", async () => {
      const subject = await prepare();
      const { remote, directory, url, commits } = subject;
      expect(await remote.headOf(directory, { url, branch })).toBeUndefined();
      await pushing(subject, commits[0]);
      expect(await remote.headOf(directory, { url, branch })).toBe(commits[0]);
      await pushing(subject, commits[1], commits[0]);
      expect(await remote.headOf(directory, { url, branch })).toBe(commits[1]);
    });

    it("pushes nothing when the branch is not where it was expected", async () => {
      const subject = await prepare();
      const { remote, directory, url, commits } = subject;
      await pushing(subject, commits[0]);
      await expect(pushing(subject, commits[1], undefined)).rejects.toMatchObject({
        code: "AUTOSD-PUSH-REJECTED",
      });
      expect(await remote.headOf(directory, { url, branch })).toBe(commits[0]);
    });

    it("never rewrites what is there", async () => {
      const subject = await prepare();
      const { remote, directory, url, commits, stranger } = subject;
      await pushing(subject, commits[1]);
      await expect(pushing(subject, stranger, commits[1])).rejects.toMatchObject({
        code: "AUTOSD-PUSH-REJECTED",
      });
      await expect(pushing(subject, commits[0], commits[1])).rejects.toMatchObject({
        code: "AUTOSD-PUSH-REJECTED",
      });
      expect(await remote.headOf(directory, { url, branch })).toBe(commits[1]);
    });

    it("acts once on one authorization, and only for its own action", async () => {
      const subject = await prepare();
      const { remote, directory, url, commits } = subject;
      const [first, second] = commits;
      const action = pushOf(first);
      const leave = await subject.leave(action);
      const refusal = { code: "AUTOSD-VCS-UNAUTHORIZED" };
      const request = { url, branch, expected: undefined };
      const other = { ...request, action: pushOf(second), commit: second };
      await expect(remote.push(leave, directory, other)).rejects.toMatchObject(refusal);
      const mixed = { ...request, action, commit: second };
      await expect(remote.push(leave, directory, mixed)).rejects.toMatchObject(refusal);
      const right = { ...request, action, commit: first };
      const forged = Object.assign({}, leave);
      await expect(remote.push(forged, directory, right)).rejects.toMatchObject(refusal);
      await remote.push(leave, directory, right);
      await expect(remote.push(leave, directory, right)).rejects.toMatchObject(refusal);
    });
  });
}
