import type { Evidence } from "../backlog/backlog.ts";
import { canonicalJson } from "../../kernel/canonical-json.ts";
import type { Clock } from "../../kernel/clock.ts";
import { sha256 } from "../../kernel/hash.ts";
import { evidenceOf, type Judgement } from "./evidence.ts";
import type { EvidenceStore, RememberedGate } from "./evidence-store.port.ts";
import type { TestCaseResult } from "./toolchain.ts";
import type { VerificationRequest } from "./verification.port.ts";

/** What a gate came to, with the test results when it ran tests. */
export interface GateOutcome {
  readonly judgement: Judgement;
  readonly tests?: readonly TestCaseResult[];
}

/** A gate as it is written down. */
export interface GateEntry {
  readonly evidence: Evidence;
  readonly tests: readonly TestCaseResult[] | undefined;
}

/** Names the rules by which gates judge; green evidence of other rules is not taken over. */
const rules = "2026-11-23";

/** Starts gates, measures them, writes down what came out, and remembers what was green. */
export class GateBook {
  readonly evidence: Evidence[] = [];
  readonly #options: {
    readonly evidence: EvidenceStore;
    readonly clock: Clock;
    readonly platform: string;
  };
  readonly #request: VerificationRequest;

  constructor(
    options: {
      readonly evidence: EvidenceStore;
      readonly clock: Clock;
      readonly platform: string;
    },
    request: VerificationRequest,
  ) {
    this.#options = options;
    this.#request = request;
  }

  /**
   * Judges one gate. `dependsOn`: everything but the tree that the verdict rests on, plain data;
   * undefined when it must be judged anew each time.
   */
  async gate(
    name: string,
    dependsOn: unknown,
    judge: () => Promise<GateOutcome>,
  ): Promise<GateEntry> {
    const { clock } = this.#options;
    this.#request.onGate?.({ kind: "started", gate: name });
    const startedMs = clock.monotonicMs();
    const key = dependsOn === undefined ? undefined : this.#keyOf(name, dependsOn);
    const known = key === undefined ? undefined : await this.#options.evidence.recall(key);
    const entry =
      known === undefined
        ? await this.#judge({ name, key, startedMs }, judge)
        : await this.#takeOver(name, known, startedMs);
    this.evidence.push(entry.evidence);
    this.#request.onGate?.({ kind: "finished", gate: name, evidence: entry.evidence });
    return entry;
  }

  async #judge(
    of: { readonly name: string; readonly key: string | undefined; readonly startedMs: number },
    judge: () => Promise<GateOutcome>,
  ): Promise<GateEntry> {
    const { tree } = this.#request;
    const outcome = await judge();
    const durationMs = this.#options.clock.monotonicMs() - of.startedMs;
    const { evidence, log } = evidenceOf(outcome.judgement, { gate: of.name, tree, durationMs });
    await this.#archive(of.name, log);
    if (of.key !== undefined && evidence.verdict === "green") {
      const tests = outcome.tests?.map(({ file, name, outcome: end }) => ({
        file,
        name,
        outcome: end,
      }));
      await this.#options.evidence.remember(of.key, {
        schema: "autosd/remembered-gate@1",
        evidence,
        log,
        ...(tests === undefined ? {} : { tests }),
      });
    }
    return { evidence, tests: outcome.tests };
  }

  async #takeOver(name: string, known: RememberedGate, startedMs: number): Promise<GateEntry> {
    await this.#archive(name, known.log);
    const durationMs = this.#options.clock.monotonicMs() - startedMs;
    return { evidence: { ...known.evidence, durationMs }, tests: known.tests };
  }

  #archive(gate: string, log: string): Promise<void> {
    const { repository, tree } = this.#request;
    return this.#options.evidence.archive({ repository, tree, gate, log });
  }

  #keyOf(gate: string, dependsOn: unknown): string {
    const { platform } = this.#options;
    return sha256(
      canonicalJson({ rules, gate, tree: this.#request.tree, platform, dependsOn }),
    ).slice("sha256:".length);
  }
}
