import type { Sandbox } from "../agent/sandbox.port.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Log } from "../../kernel/log.ts";
import type { Checkouts } from "./checkouts.port.ts";
import type { DependencyStore } from "./dependency-store.port.ts";
import type { EvidenceStore } from "./evidence-store.port.ts";
import type { GateBook } from "./gate-book.ts";
import type { TreeFacts } from "./tree-facts.ts";
import type { VerificationRequest } from "./verification.port.ts";

/** What a verifier works with. */
export interface VerifierOptions {
  readonly sandbox: Sandbox;
  readonly checkouts: Checkouts;
  readonly dependencies: DependencyStore;
  readonly evidence: EvidenceStore;
  readonly clock: Clock;
  /** Names the machine's tools (`node 20.20.2 linux x64`): green evidence of others is not taken over. */
  readonly platform: string;
  readonly log?: Log;
  /** Commands at a time. Default 2. */
  readonly maxParallelGates?: number;
}

/** One verification under way. */
export interface ProjectCase {
  readonly options: VerifierOptions;
  readonly request: VerificationRequest;
  readonly facts: TreeFacts;
  /** The tree that the story started from; without files when no story is judged. */
  readonly base: TreeFacts;
  /** What was there before autosd; without files when autosd made the project. */
  readonly before: TreeFacts;
  readonly book: GateBook;
  readonly signal: AbortSignal;
  /** Commands take turns. */
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>;
}
