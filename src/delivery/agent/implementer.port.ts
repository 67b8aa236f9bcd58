import type { Evidence, Story } from "../backlog/backlog.ts";
import type { Denial } from "../backlog/denial.ts";
import type { RequirementsDocument } from "../requirements/document.ts";
import type { RefinedRequirements } from "../requirements/refined-requirements.ts";
import type { Workspace } from "./workspace.port.ts";

export interface ImplementationTask {
  readonly projectId: string;
  readonly platform: string;
  readonly document: RequirementsDocument;
  readonly refined: RefinedRequirements;
  readonly story: Story;
  /** Stories whose commits are in the base tree, in commit order. */
  readonly doneStories: readonly Story[];
  readonly workspace: Workspace;
  /** 1 for the first. */
  readonly attempt: number;
  /** Red evidence of the attempt before; empty on the first. */
  readonly failures: readonly Evidence[];
  readonly reproducible: boolean;
  /** Where the work belongs; absent outside a run, where nothing can be journaled. */
  readonly run?: ImplementationRun | undefined;
}

/** The run that a story is implemented in. */
export interface ImplementationRun {
  readonly id: string;
  /** The project's folder: its repository, with `.autosd` in it. */
  readonly directory: string;
  /** False: dependencies may not be downloaded. */
  readonly mayInstall: boolean;
  /** True: its turn has not come; the last of the budget is not for it. */
  readonly isAhead?: boolean | undefined;
}

/** What an implementer says it has done. A claim: verification decides. */
export interface Proposal {
  readonly summary: string;
  /** Test files that exercise the story's criteria, relative paths. */
  readonly acceptanceTests: readonly string[];
  /** Existing tests that the story itself says must change or go; empty for most. */
  readonly changedTests: readonly string[];
  /** Of an adaptation only: the done stories that the project still holds as they are asked for now, by id. */
  readonly standing?: readonly string[] | undefined;
}

/** A project whose requirements may have changed since its stories were done. */
export type AdaptationTask = Omit<ImplementationTask, "story" | "attempt" | "failures">;

/**
 * A failure of an implementer is an event, so that every caller sees one shape. Thrown is only what
 * the whole run has to stop for (a ModelError of a budget, a limit or a key; a full disk): another
 * attempt or another story would meet it again.
 */
export type AgentEvent =
  | { readonly kind: "progress"; readonly message: string }
  | {
      readonly kind: "proposal";
      readonly proposal: Proposal;
      /** What was asked for on the way and denied: whatever this is, it is without that. Absent: nothing. */
      readonly denials?: readonly Denial[] | undefined;
    }
  /** It cannot be built by this implementer: `sentences` are the ids that were not understood. */
  | {
      readonly kind: "unimplemented";
      readonly reason: string;
      readonly sentences: readonly string[];
    }
  | {
      readonly kind: "failed";
      readonly reason: string;
      readonly retryable: boolean;
      /** It was ended because it went nowhere; several of these in a row end the run. */
      readonly isWithoutProgress?: boolean | undefined;
      /** It ended on something that it may not do; another attempt would, too. */
      readonly denial?: Denial | undefined;
    };

/** Implements one story in a workspace. The last event is `proposal`, `unimplemented` or `failed`. */
export interface Implementer {
  readonly kind: "blueprint" | "replay" | "model" | "acp";
  implement(task: ImplementationTask, signal: AbortSignal): AsyncIterable<AgentEvent>;
  /**
   * Brings what is there in line with changed requirements, before any story is built: takes out
   * what is asked for no more or otherwise, so that it can be built and proven afresh. Changes
   * nothing when nothing changed. Absent: the implementer works from what is there.
   */
  adapt?(task: AdaptationTask, signal: AbortSignal): AsyncIterable<AgentEvent>;
}
