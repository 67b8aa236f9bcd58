import type { AuditLog } from "../audit/audit-log.port.ts";
import type { Entry, EntryDraft } from "../audit/entry.ts";
import type { PrivilegedAction } from "../grants/action.ts";
import { idemOf } from "../grants/idem.ts";
import type { LogFacts } from "../grants/log-facts.ts";
import { VerifiedGrant } from "../grants/verified-grant.ts";

/** What an authorization is for: enough to bind it to one action and to nothing else. */
export type AuthorizedAction =
  | {
      /** A commit on the branch of the project's own local repository; nothing leaves the machine. */
      readonly kind: "workspace.commit";
      readonly project: string;
      readonly runId: string;
      /** The effect's idempotency key. */
      readonly key: string;
    }
  | {
      /** An action on the outside, reserved in the audit log against a grant. */
      readonly kind: "privileged";
      readonly action: PrivilegedAction;
      /** `idemOf(action)`. */
      readonly key: string;
      /** Sequence number of the `reserve` entry. */
      readonly reservation: number;
      readonly grant: string;
    };

/** What an adapter is about to do, in its own words. */
export type ExpectedAction =
  | { readonly kind: "workspace.commit"; readonly key: string }
  | { readonly kind: "privileged"; readonly action: PrivilegedAction };

/** The last word on an action, spoken while nobody else can append to the log. */
export type Judgement<Refusal> =
  | {
      readonly kind: "permit";
      readonly grant: VerifiedGrant;
      /** What the `reserve` entry says besides what the action itself says. */
      readonly entry: Omit<EntryDraft, "kind" | "idem" | "decision">;
      /** What is recorded before it, in the same turn. */
      readonly before?: readonly EntryDraft[];
    }
  | { readonly kind: "refuse"; readonly refusal: Refusal; readonly entries: readonly EntryDraft[] };

/** Known in this file only: what keeps `Reflect.construct` from making leave that nobody gave. */
const mintKey = Symbol("mint");

/**
 * Leave to act once on the outside. Minted only in this file; the first parameter of every port
 * method that acts. A forged one fails the compiler (private constructor) and `spend` (private field).
 */
export class Authorization {
  readonly action: AuthorizedAction;
  #used = false;

  private constructor(key: typeof mintKey, action: AuthorizedAction) {
    if (key !== mintKey) throw new TypeError("an authorization comes from its mint");
    this.action = Object.freeze(action);
    Object.freeze(this);
  }

  /**
   * Local actions need no grant: starting the run is the user's leave. Throws nothing.
   */
  static forLocalAction(
    action: Extract<AuthorizedAction, { kind: "workspace.commit" }>,
  ): Authorization {
    return new Authorization(mintKey, { ...action });
  }

  /**
   * The only way to leave for a privileged action: `judge` decides on the facts of the log's very
   * tail, the reservation is appended and synced, and only then is there an authorization. What
   * cannot be recorded throws, and nothing was permitted.
   */
  static async reserve<Refusal>(
    log: AuditLog,
    action: PrivilegedAction,
    judge: (facts: LogFacts) => Promise<Judgement<Refusal>>,
  ): Promise<
    | { readonly kind: "reserved"; readonly authorization: Authorization; readonly entry: Entry }
    | { readonly kind: "refused"; readonly refusal: Refusal; readonly entries: readonly Entry[] }
  > {
    const idem = idemOf(action);
    const { value, entries } = await log.transact<Judgement<Refusal>>(async (facts) => {
      const judgement = await judge(facts);
      if (judgement.kind === "refuse") return { append: judgement.entries, value: judgement };
      if (!VerifiedGrant.isGenuine(judgement.grant) || judgement.grant.idem !== idem)
        throw new TypeError("leave needs a grant that was verified for this very action");
      const reserve: EntryDraft = { ...judgement.entry, kind: "reserve", idem, decision: "allow" };
      return { append: [...(judgement.before ?? []), reserve], value: judgement };
    });
    if (value.kind === "refuse") return { kind: "refused", refusal: value.refusal, entries };
    const entry = entries.find((one) => one.kind === "reserve" && one.idem === idem);
    if (entry === undefined) throw new TypeError("the log did not acknowledge the reservation");
    const authorization = new Authorization(mintKey, {
      kind: "privileged",
      action: Object.freeze({ ...action }),
      key: idem,
      reservation: entry.seq,
      grant: value.grant.grant.jti,
    });
    return { kind: "reserved", authorization, entry };
  }

  /**
   * What an adapter calls before it acts. Returns why it must not, or undefined.
   * Spends the authorization: a second call refuses.
   */
  static spend(
    candidate: unknown,
    expected: ExpectedAction,
  ): "forged" | "used" | "other-action" | undefined {
    if (typeof candidate !== "object" || candidate === null || !(#used in candidate))
      return "forged";
    const key = expected.kind === "privileged" ? idemOf(expected.action) : expected.key;
    if (candidate.action.kind !== expected.kind || candidate.action.key !== key)
      return "other-action";
    if (candidate.#used) return "used";
    candidate.#used = true;
    return undefined;
  }

  /** True only for values minted here. */
  static isGenuine(candidate: unknown): candidate is Authorization {
    return typeof candidate === "object" && candidate !== null && #used in candidate;
  }
}
