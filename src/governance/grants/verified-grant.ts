import type { PrivilegedAction } from "./action.ts";
import { examineGrant, type ExaminedGrant, type GrantCheck } from "./examine-grant.ts";
import type { Grant } from "./grant.ts";
import { idemOf } from "./idem.ts";
import type { GateEvidence } from "./log-facts.ts";
import type { GrantFailure } from "./reasons.ts";

export type CheckedGrant =
  | { readonly kind: "verified"; readonly grant: VerifiedGrant }
  | {
      readonly kind: "refused";
      /** In the order of the steps; findings of structure and cryptography stand alone. */
      readonly failures: readonly [GrantFailure, ...GrantFailure[]];
    };

/** Known in this file only: what keeps `Reflect.construct` from making a grant that nobody checked. */
const mintKey = Symbol("mint");

/** A grant that was found to allow one action. Exists only as the outcome of the whole check. */
export class VerifiedGrant {
  readonly grant: Grant;
  /** The action that was checked; it allows no other. */
  readonly action: PrivilegedAction;
  readonly idem: string;
  /** Ids of every link, the grant itself first: what a reservation is charged to. */
  readonly chain: readonly string[];
  readonly kids: readonly string[];
  readonly operators: readonly string[];
  /** An operator signed with a key that nothing protects. */
  readonly unprotected: boolean;
  /** Recorded evidence of the gates that were needed. */
  readonly gates: readonly GateEvidence[];
  readonly #minted = true;

  private constructor(
    key: typeof mintKey,
    action: PrivilegedAction,
    examined: Extract<ExaminedGrant, { readonly kind: "allowed" }>,
  ) {
    if (key !== mintKey) throw new TypeError("a verified grant comes from its check");
    const { links, kids, operators, unprotected } = examined.grant;
    this.grant = links[0].grant;
    this.action = Object.freeze({ ...action });
    this.idem = idemOf(action);
    this.chain = links.map((one) => one.grant.jti);
    this.kids = kids;
    this.operators = operators;
    this.unprotected = unprotected;
    this.gates = examined.gates;
    Object.freeze(this);
  }

  /** Runs the whole check; see `examineGrant` for its order and for what it throws. */
  static async check(check: GrantCheck): Promise<CheckedGrant> {
    const examined = await examineGrant(check);
    if (examined.kind === "refused") return examined;
    return { kind: "verified", grant: new VerifiedGrant(mintKey, check.action, examined) };
  }

  /** True only for values minted here; a structural copy is a forgery. */
  static isGenuine(candidate: unknown): candidate is VerifiedGrant {
    return typeof candidate === "object" && candidate !== null && #minted in candidate;
  }
}

/** The check of a grant against one action: `VerifiedGrant.check` for the rooms of governance. */
export function checkGrant(check: GrantCheck): Promise<CheckedGrant> {
  return VerifiedGrant.check(check);
}
