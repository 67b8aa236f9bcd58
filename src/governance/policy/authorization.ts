/**
 * What one action on the outside is: enough to bind an authorization to it and to nothing else.
 * Actions that need a grant join this union together with the code that checks the grant.
 */
export type AuthorizedAction = {
  /** A commit on the branch of the project's own local repository; nothing leaves the machine. */
  readonly kind: "workspace.commit";
  readonly project: string;
  readonly runId: string;
  /** The effect's idempotency key. */
  readonly key: string;
};

/** Known in this file only: what keeps `Reflect.construct` from making leave that nobody gave. */
const mintKey = Symbol("mint");

/**
 * Leave to act once on the outside. Minted only in this file; the first parameter of every port
 * method that acts. A forged one fails the compiler (private constructor) and `use` (private field).
 */
export class Authorization {
  readonly action: AuthorizedAction;
  #used = false;

  private constructor(key: typeof mintKey, action: AuthorizedAction) {
    if (key !== mintKey) throw new TypeError("an authorization comes from its mint");
    this.action = action;
    Object.freeze(this);
  }

  /**
   * Local actions need no grant: starting the run is the user's leave. Throws nothing.
   */
  static forLocalAction(action: AuthorizedAction): Authorization {
    return new Authorization(mintKey, action);
  }

  /**
   * What an adapter calls before it acts. Returns why it must not, or undefined.
   * Spends the authorization: a second call refuses.
   */
  static spend(
    candidate: unknown,
    expected: { readonly kind: AuthorizedAction["kind"]; readonly key: string },
  ): "forged" | "used" | "other-action" | undefined {
    if (typeof candidate !== "object" || candidate === null || !(#used in candidate))
      return "forged";
    const kind: string = candidate.action.kind;
    if (kind !== expected.kind || candidate.action.key !== expected.key) return "other-action";
    if (candidate.#used) return "used";
    candidate.#used = true;
    return undefined;
  }
}
