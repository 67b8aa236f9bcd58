import type { FailureClass } from "./failure-class.ts";
import type { TemplateScope } from "./template-id.ts";

/** Where in the journals something can be looked up; its contents are not repeated. */
export interface LessonPlace {
  readonly project: string;
  readonly run: string;
  readonly story: string;
  readonly attempt: number;
  readonly turn: number;
}

/** One way to go wrong, counted. */
export interface Finding {
  readonly kind: FailureClass;
  readonly count: number;
  /** Attempts (planning: questions) in which it happened at least once. */
  readonly attempts: number;
  /** Of the answers that it happened in, or of whole attempts (see the class). Classes overlap. */
  readonly tokens: number;
  readonly microusd: number;
  /** The first few. */
  readonly places: readonly LessonPlace[];
}

/** How attempts (planning: questions) ended. */
export interface AttemptEnds {
  /** Every gate green; planning: the first answer was accepted. */
  readonly good: number;
  /** Said to be done, and a gate was red; planning: accepted when asked again. */
  readonly rejected: number;
  /** Given up by the attempt itself; planning: refused twice. */
  readonly failed: number;
  /** Without an end, or with one that nobody has judged. */
  readonly open: number;
}

/** What one version of a template was used for and what it took. */
export interface TemplateLessons {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly scope: TemplateScope;
  /** Names of models, at most ten. */
  readonly models: readonly string[];
  readonly firstTs: string;
  readonly lastTs: string;
  readonly attempts: number;
  readonly ends: AttemptEnds;
  readonly calls: number;
  /** Calls that gave no answer. */
  readonly failedCalls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedTokens: number;
  /** Answers whose provider did not say what they took. */
  readonly callsWithoutUsage: number;
  /** Of the answers whose price is known. */
  readonly microusd: number;
  readonly callsWithoutPrice: number;
  /** Requests sent again before there was an answer. */
  readonly retries: number;
  /** Answers that broke off and were paid for. */
  readonly brokenOff: number;
  /** Most expensive first. */
  readonly findings: readonly Finding[];
}
