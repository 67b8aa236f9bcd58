import type { Comparison } from "../../delivery/agent/learning/compare-versions.ts";
import { failureClasses } from "../../delivery/agent/learning/failure-class.ts";
import type {
  TakenBack,
  TemplatePlace,
} from "../../delivery/agent/learning/prompt-templates.port.ts";
import type { Proposal } from "../../delivery/agent/learning/propose.ts";
import type { TemplateLessons } from "../../delivery/agent/learning/template-lessons.ts";

export type { Comparison } from "../../delivery/agent/learning/compare-versions.ts";
export type { TemplatePlace } from "../../delivery/agent/learning/prompt-templates.port.ts";
export type { Proposal } from "../../delivery/agent/learning/propose.ts";
export type { TemplateLessons } from "../../delivery/agent/learning/template-lessons.ts";

/** What a class of failure is, in words. */
export const failureTitles: Readonly<Record<Proposal["against"], { readonly title: string }>> =
  failureClasses;

export interface LearnInput {
  /** Folder of the one project whose journal is read; undefined: every project that is known. */
  readonly directory: string | undefined;
  /** Older records do not count. */
  readonly sinceMs: number | undefined;
  /** Whose templates proposals are for. */
  readonly place: TemplatePlace;
}

/** One journal that was read. */
export interface LearnedProject {
  readonly id: string;
  readonly directory: string;
  readonly records: number;
  /** Lines that are no records; they were passed over. */
  readonly damagedLines: number;
  /** Why it could not be read, or not to its end; null otherwise. */
  readonly problem: string | null;
}

/** What the journals teach. Nothing in it repeats what a model wrote. */
export interface LearnReport {
  readonly schema: "autosd/learn-report@1";
  /** Those with a journal. */
  readonly projects: readonly LearnedProject[];
  readonly projectsWithoutJournal: number;
  readonly templates: readonly TemplateLessons[];
  /** Questions whose template is not known; they are in no figure. */
  readonly passedOver: number;
  readonly comparisons: readonly Comparison[];
  /** Ids of the templates in force where proposals are for. */
  readonly inForce: readonly string[];
  readonly proposals: readonly Proposal[];
  /** What must be known to read the figures rightly. */
  readonly notes: readonly string[];
}

/** A version that was written. */
export interface WrittenTemplate {
  readonly id: string;
  readonly file: string;
  readonly base: string;
  readonly remedies: readonly string[];
}

export interface LearnUpdate {
  readonly report: LearnReport;
  readonly written: readonly WrittenTemplate[];
}

/** What `autosd learn` asks. No model is asked by any of it. */
export interface LearnCalls {
  /** Reads only. */
  report(input: LearnInput, signal: AbortSignal): Promise<LearnReport>;
  /** Writes what the report proposes, as new versions; nothing when it proposes nothing. */
  update(input: LearnInput, signal: AbortSignal): Promise<LearnUpdate>;
  /** Takes the newest written version back; undefined name: of whichever template. */
  undo(place: TemplatePlace, name: string | undefined): Promise<TakenBack>;
}
