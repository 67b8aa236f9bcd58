import { indispensableGates } from "../backlog/definition-of-done.ts";
import { canonicalJson } from "../../kernel/canonical-json.ts";
import { sha256 } from "../../kernel/hash.ts";
import type { VerificationReport } from "./verification.port.ts";

/** Gates that compare with the commit before: the whole project, judged by itself, has none. */
const storyGates: readonly string[] = ["acceptance", "test-integrity"];

/** Known in this file only: what keeps `Reflect.construct` from making a value that was never judged. */
const mintKey = Symbol("mint");

/** Why a report proves nothing; undefined when it does. */
export function rejectionOf(report: VerificationReport): string | undefined {
  const foreign = report.evidence.find((one) => one.tree !== report.tree);
  if (foreign !== undefined) return `gate ${foreign.gate} was run on another tree`;
  const open = report.evidence.filter((one) => one.verdict !== "green");
  if (open.length > 0)
    return open.map((one) => `${one.gate} is ${one.verdict}: ${one.finding}`).join("; ");
  const names = new Set(report.evidence.map((one) => one.gate));
  const missing = indispensableGates
    .filter((name) => report.storyId !== undefined || !storyGates.includes(name))
    .filter((name) => !names.has(name));
  if (missing.length > 0) return `gates were not run: ${missing.join(", ")}`;
  if (report.testsRun <= 0) return "no test was run";
  return undefined;
}

/**
 * `sha256:` over what the judgement rests on. Durations, raw output and the project's name are left
 * out: the same tree judged again gives the same digest.
 */
function digestOf(report: VerificationReport): string {
  const { schema, tree, baseTree, testsRun } = report;
  const evidence = report.evidence.map(({ gate, verdict, command, exitCode, finding }) => ({
    gate,
    verdict,
    command,
    exitCode,
    finding,
  }));
  return sha256(
    canonicalJson({
      schema,
      tree,
      baseTree,
      storyId: report.storyId ?? null,
      testsRun,
      evidence,
    }),
  );
}

/** Leave to commit a tree: exists only for a report with no red gate. Minted only here. */
export class VerifiedTree {
  readonly tree: string;
  readonly storyId: string | undefined;
  /** Digest of the report: the `Verification` trailer of the commit. */
  readonly digest: string;
  readonly #report: VerificationReport;

  private constructor(key: typeof mintKey, report: VerificationReport, digest: string) {
    if (key !== mintKey) throw new TypeError("a verified tree comes from judging a report");
    this.tree = report.tree;
    this.storyId = report.storyId;
    this.digest = digest;
    this.#report = report;
    Object.freeze(this);
  }

  static judge(
    report: VerificationReport,
  ):
    | { readonly kind: "verified"; readonly tree: VerifiedTree }
    | { readonly kind: "rejected"; readonly reason: string } {
    const reason = rejectionOf(report);
    if (reason !== undefined) return { kind: "rejected", reason };
    return { kind: "verified", tree: new VerifiedTree(mintKey, report, digestOf(report)) };
  }

  get report(): VerificationReport {
    return this.#report;
  }

  /** True only for values minted here; a structural copy is a forgery. */
  static isGenuine(candidate: unknown): candidate is VerifiedTree {
    return typeof candidate === "object" && candidate !== null && #report in candidate;
  }
}

/** A commit whose tree was judged green. A release is cut from nothing else. Minted only here. */
export class VerifiedCommit {
  readonly commit: string;
  readonly tree: string;
  readonly verificationDigest: string;
  readonly #source: VerifiedTree;

  private constructor(key: typeof mintKey, source: VerifiedTree, commit: string) {
    if (key !== mintKey) throw new TypeError("a verified commit comes from its mint");
    this.commit = commit;
    this.tree = source.tree;
    this.verificationDigest = source.digest;
    this.#source = source;
    Object.freeze(this);
  }

  /** `commit` must be a full commit id whose tree is the verified one; the caller has read both from git. */
  static mint(
    source: VerifiedTree,
    committed: { readonly commit: string; readonly tree: string },
  ): VerifiedCommit {
    if (!VerifiedTree.isGenuine(source))
      throw new TypeError("a verified commit needs a genuine verified tree");
    if (committed.tree !== source.tree)
      throw new TypeError("the commit does not hold the verified tree");
    return new VerifiedCommit(mintKey, source, committed.commit);
  }

  static isGenuine(candidate: unknown): candidate is VerifiedCommit {
    return typeof candidate === "object" && candidate !== null && #source in candidate;
  }
}
