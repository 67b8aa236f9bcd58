import type { PrivilegedAction } from "../../governance/grants/action.ts";
import type { Authorization } from "../../governance/policy/authorization.ts";

/** A branch of a repository on the outside. */
export interface RemoteBranch {
  /** An address that git understands: a path, `file://`, `ssh://`, `https://` or `user@host:path`. */
  readonly url: string;
  /** Without `refs/heads/`. */
  readonly branch: string;
}

export interface PushRequest extends RemoteBranch {
  /** What the authorization must have been given for; its `commit` is what is pushed. */
  readonly action: PrivilegedAction;
  /** Full commit id, in the local repository. */
  readonly commit: string;
  /** What the remote's branch must point at now; `undefined`: it must not exist. Compare and set. */
  readonly expected: string | undefined;
}

/**
 * Repositories on the outside. Nothing that the local repository configures is obeyed: no hooks, no
 * credential programs, no rewritten addresses.
 */
export interface Remote {
  /** The address that the repository configures for a remote's name; undefined for an unknown name. */
  urlOf(directory: string, name: string): Promise<string | undefined>;
  /** The commit that the branch points at; undefined when the remote has no such branch. */
  headOf(directory: string, place: RemoteBranch): Promise<string | undefined>;
  /** Fast-forwards the branch; never rewrites what is there (AUTOSD-PUSH-REJECTED). */
  push(authorization: Authorization, directory: string, request: PushRequest): Promise<void>;
}
