import type { Actor } from "../audit/entry.ts";
import type { PrivilegedAction } from "../grants/action.ts";
import type { GrantFailure } from "../grants/reasons.ts";
import type { Authorization } from "./authorization.ts";

/** Who asks for what, on which grant. */
export interface DoorRequest {
  readonly action: PrivilegedAction;
  /** Id of the grant that the person named; undefined when there was none. */
  readonly grant: string | undefined;
  readonly actor: Actor;
  /** The most that the action may cost, millionths of a US dollar. Reserved; the actual is settled. */
  readonly ceilingMicrousd: number;
  /** Where the project's policy is; undefined when its folder is not known, which denies. */
  readonly directory: string | undefined;
}

/** One rule's verdict, as shown and recorded. */
export interface RuleFinding {
  readonly id: string;
  readonly verdict: "pass" | "fail" | "error";
  readonly message: string;
  /** Layer that the deciding value comes from. */
  readonly source: string;
}

export type RefusalCode =
  | "AUTOSD-PREAUTH-REQUIRED"
  | "AUTOSD-PREAUTH-INVALID"
  | "AUTOSD-POLICY-DENIED"
  | "AUTOSD-POLICY-ERROR"
  | "AUTOSD-FREEZE"
  | "AUTOSD-HALTED"
  | "AUTOSD-CLOCK-ROLLBACK";

/** Why not: the code that ends the command, and everything that was found on the way. */
export interface Refusal {
  readonly code: RefusalCode;
  readonly message: string;
  /** Findings about the grant, in the order of the verification. */
  readonly failures: readonly GrantFailure[];
  readonly rules: readonly RuleFinding[];
  /** A runnable, least-privilege command. */
  readonly fix: string;
}

/** What the door would say now; nothing is written. */
export type Evaluation =
  | {
      readonly kind: "allowed";
      readonly rules: readonly RuleFinding[];
      /** What is allowed and should not be. */
      readonly warnings: readonly string[];
      readonly policyDigest: string;
      readonly grant: string;
    }
  | {
      readonly kind: "refused";
      readonly refusal: Refusal;
      readonly policyDigest: string | undefined;
    };

export type Outcome =
  | { readonly ok: true; readonly result: unknown; readonly costMicrousd: number }
  /** It did not happen. The reservation stays spent. */
  | { readonly ok: false; readonly code: string; readonly message: string };

/** The one door through which every privileged action passes. */
export interface Door {
  /** The decision without the act: same function, nothing written. */
  evaluate(request: DoorRequest): Promise<Evaluation>;
  /** Decides, reserves and records; a refusal is recorded too, then thrown. */
  authorize(request: DoorRequest): Promise<Authorization>;
  /** What came of an action that this authorization was for. */
  settle(authorization: Authorization, outcome: Outcome): Promise<void>;
  /** The settled result of an action that happened; undefined when none is recorded. */
  recorded(action: PrivilegedAction): Promise<{ readonly result: unknown } | undefined>;
  /**
   * After a crash, the target was asked what came of an open reservation: settles it. Does nothing
   * when none is open.
   */
  reconcile(action: PrivilegedAction, outcome: Outcome): Promise<void>;
}
