import type { DecisionInput } from "../../governance/policy/decision-input.ts";
import type { RuleFinding } from "../../governance/policy/door.ts";
import type { GrantFailure } from "../../governance/grants/reasons.ts";
import type { Environment, PrivilegedActionName } from "../../governance/grants/action.ts";
import type { PolicyFinding } from "../../governance/policy/policy-finding.ts";
import type { GrantStanding } from "../preauth/grant-calls.ts";

/** One value of the policy in force. */
export interface ShownLimit {
  readonly environment: Environment | "none";
  /** Actions for which the value is the same. */
  readonly actions: readonly PrivilegedActionName[];
  readonly name: string;
  readonly value: unknown;
  readonly source: string;
}

export interface PolicyView {
  readonly schema: "autosd/policy-view@1";
  readonly project: string | null;
  readonly directory: string | null;
  /** Said plainly when only a part is shown. */
  readonly notes: readonly string[];
  readonly digest: string | null;
  readonly findings: readonly PolicyFinding[];
  readonly limits: readonly ShownLimit[];
  readonly freezes: readonly {
    readonly name: string;
    readonly when: string;
    readonly environments: readonly string[];
    readonly source: string;
  }[];
  readonly overlay: string | null;
  readonly grant: GrantStanding | null;
}

export interface PolicyExplanation {
  readonly schema: "autosd/policy-explanation@1";
  readonly decision: "allow" | "deny";
  readonly code: string | null;
  readonly message: string;
  /** Commit that was asked about: the newest of the project's branch when none was named. */
  readonly commit: string | null;
  /** What was assumed where nothing was said. */
  readonly notes: readonly string[];
  /** Findings about the grant. */
  readonly failures: readonly GrantFailure[];
  readonly rules: readonly RuleFinding[];
  readonly warnings: readonly string[];
  readonly fix: string | null;
  readonly policyDigest: string | null;
}

export interface PolicyTestReport {
  readonly schema: "autosd/policy-test@1";
  readonly cases: readonly {
    readonly name: string;
    readonly ok: boolean;
    readonly expected: PolicyExpectation;
    readonly found: PolicyExpectation;
    readonly input: DecisionInput;
  }[];
  readonly failed: number;
}

/** What a case expects: the decision, and, where it is said, the code and the rules that speak against it. */
export interface PolicyExpectation {
  readonly decision: "allow" | "deny";
  readonly code?: string | undefined;
  readonly against?: readonly string[] | undefined;
}

export interface PolicyReplay {
  readonly schema: "autosd/policy-replay@1";
  readonly seq: number;
  readonly same: boolean;
  readonly policyDigest: string;
  readonly recorded: { readonly decision: "allow" | "deny"; readonly code: string | null };
  readonly now: {
    readonly decision: "allow" | "deny";
    readonly code: string | null;
    readonly rules: readonly RuleFinding[];
  };
}

/** Which project a question is about; without either, only what holds for every project. */
export interface PolicyWhere {
  readonly project: string | undefined;
  /** Absolute, or from the working folder. */
  readonly directory: string | undefined;
}

/** What commands ask about policy. All of it reads only: no file, folder or entry is written. */
export interface PolicyCalls {
  show(
    input: PolicyWhere & {
      readonly grant: string | undefined;
      readonly environment: Environment | undefined;
    },
  ): Promise<PolicyView>;
  /** The door's own decision, without the act. */
  explain(
    input: PolicyWhere & {
      readonly action: PrivilegedActionName;
      readonly environment: Environment | undefined;
      readonly target: string | undefined;
      readonly commit: string | undefined;
      readonly artifact: string | undefined;
      readonly grant: string | undefined;
      readonly ceilingMicrousd: number;
    },
  ): Promise<PolicyExplanation>;
  test(input: PolicyWhere & { readonly file: string }): Promise<PolicyTestReport>;
  /** AUTOSD-AUDIT-QUERY when the entry holds no decision that can be made again. */
  replay(seq: number): Promise<PolicyReplay>;
  check(file: string): Promise<{ readonly findings: readonly PolicyFinding[] }>;
}
