import type { Backlog, Evidence, Story, StoryStatus } from "../delivery/backlog/backlog.ts";
import type { Denial } from "../delivery/backlog/denial.ts";
import type { RefinedRequirements } from "../delivery/requirements/refined-requirements.ts";
import type { ProjectFilter, ProjectRecord, ProjectStore } from "../state/projects.port.ts";
import type { UnprovenQuality } from "../delivery/requirements/quality-proof.ts";
export type { RequirementsInput } from "./requirements-input.ts";
import type { RequirementsInput } from "./requirements-input.ts";
import type { AuditCalls } from "./audit/audit-calls.ts";
import type { HaltCalls } from "./halt/halt-calls.ts";
import type { LearnCalls } from "./learn/learn-calls.ts";
import type { PushInput, PushResult } from "./push/push-branch.ts";
import type { PolicyCalls } from "./policy/policy-calls.ts";
import type { DoctorCheck } from "./ports/doctor.port.ts";
import type { AgentSettings, ModelSettings } from "./ports/providers.port.ts";
import type { ParallelReport } from "./run/parallel/ahead-report.ts";
import type { ParallelSettings } from "./run/parallel/parallel-settings.ts";
import type { RunLimits } from "./run/run-limits.ts";
import type { GrantCalls } from "./preauth/grant-calls.ts";
import type { KeyCalls } from "./preauth/key-calls.ts";
import type { SprintMetrics, SprintRecord, SprintReview } from "./sprint/sprint-figures.ts";
import type { RunFilter, RunRecord, StepRecord } from "./ports/run-engine.port.ts";

export { type Environment, environments, privilegedActions } from "../governance/grants/action.ts";

export const providers = [
  "auto",
  "blueprint",
  "replay",
  "openai",
  "anthropic",
  "google",
  "openai-compatible",
  "acp",
] as const;
export type Provider = (typeof providers)[number];

/** Who may plan without a run: a recording is replayed in one, and agents do not plan. */
export const planningProviders = providers.filter(
  (one): one is Exclude<Provider, "replay" | "acp"> => one !== "replay" && one !== "acp",
);

export const executionModes = ["direct", "planning", "auto"] as const;
/** `direct`: implement at once; `planning`: stop after backlog and plan; `auto`: direct unless the plan has gaps only. */
export type ExecutionMode = (typeof executionModes)[number];

export interface RunInput {
  readonly requirements: RequirementsInput;
  readonly outputDirectory: string;
  /** Absent: autosd makes the project. Else `outputDirectory` is a repository of somebody's; `branch` null: chosen. */
  readonly existing?: { readonly branch: string | null } | undefined;
  /** Default: the product's slug. */
  readonly projectId: string | undefined;
  readonly executionMode: ExecutionMode;
  readonly provider: Provider;
  /** Recorded session for `replay`. */
  readonly replayFile: string | undefined;
  /** Where to record the session, for a later `replay`. */
  readonly recordFile: string | undefined;
  /** Absent: nothing is set for language models. */
  readonly models?: ModelSettings;
  /** Absent: no external agent is meant. */
  readonly agent?: AgentSettings;
  /** Absent: every story is implemented at its turn. */
  readonly parallel?: ParallelSettings;
  readonly preferredPlatform: string | undefined;
  readonly maxTaskAttempts: number;
  readonly maxStoriesPerSprint: number;
  readonly timeoutSeconds: number | undefined;
  readonly reproducible: boolean;
  readonly install: boolean;
}

/** What a run is doing now, for people watching. Never carries secrets; losing one loses nothing. */
export type RunEvent =
  | { readonly kind: "phase"; readonly phase: string; readonly detail: string }
  | {
      readonly kind: "story-started";
      readonly storyId: string;
      readonly title: string;
      /** 1-based among `total` stories to do. */
      readonly position: number;
      readonly total: number;
      readonly attempt: number;
    }
  | { readonly kind: "activity"; readonly message: string }
  | { readonly kind: "gate-started"; readonly gate: string }
  | { readonly kind: "gate-finished"; readonly evidence: Evidence }
  | {
      readonly kind: "story-ended";
      readonly storyId: string;
      readonly title: string;
      readonly status: StoryStatus;
      readonly commit: string | undefined;
      readonly reason: string | undefined;
      readonly durationMs: number;
    }
  | { readonly kind: "notice"; readonly message: string };

export type Observer = (event: RunEvent) => void;

/** What requirements that changed since the last run did to what was built. */
export interface RequirementsChange {
  /** Stories that nothing asks for any more: their code and tests are taken out. */
  readonly removed: readonly { readonly id: string; readonly title: string }[];
  /** Ids of stories that were done and had to be built again. */
  readonly reopened: readonly string[];
  /** The commit that took out what is asked for no more, or otherwise; undefined when there was nothing. */
  readonly commit: string | undefined;
  /** Why what was built could not be brought in line; the run is incomplete then. */
  readonly problem: string | undefined;
}

/** The branch of somebody's repository that a run worked on. */
export interface BranchResult {
  readonly name: string;
  /** The commit that this run began at. */
  readonly start: string;
  /** Branch or commit that was checked out. */
  readonly comparedWith: string;
  /** How to see and take what is on the branch; null when there is nothing, or it is checked out. */
  readonly commands: { readonly look: string; readonly take: string } | null;
}

export interface RunResult {
  readonly schema: "autosd/run-result@1";
  readonly runId: string;
  readonly projectId: string;
  readonly title: string;
  readonly directory: string;
  readonly platform: string;
  readonly provider: string;
  /** `verified`: every story done and the whole project green; `planned`: execution mode stopped before building. */
  readonly outcome: "verified" | "incomplete" | "planned";
  /** 3: all that is missing was denied to the implementer, or waits for a story that was. */
  readonly exitCode: 0 | 3 | 4;
  readonly stories: readonly {
    readonly id: string;
    readonly title: string;
    readonly status: StoryStatus;
    readonly commit: string | undefined;
    readonly reason: string | undefined;
    /** What its last attempt ended on; absent: nothing that was denied. */
    readonly denial?: Denial;
    /** What was denied on the way to what it is now, done or red: it is without that. Absent: nothing. */
    readonly denials?: readonly Denial[];
    readonly sentences: readonly { readonly id: string; readonly text: string }[];
  }[];
  /** Absent when nothing that was built is asked for otherwise. */
  readonly change?: RequirementsChange;
  /** Requirements on the whole product that no test shows to be met, or only in part; absent: none. */
  readonly notProven?: readonly UnprovenQuality[];
  /** What working ahead of turns brought; absent: it was not asked for. */
  readonly parallelPrompts?: ParallelReport;
  /** Gates of the whole project on the final tree. */
  readonly projectGates: readonly Evidence[];
  readonly head: string | undefined;
  /** Absent: the project is autosd's own. */
  readonly branch?: BranchResult;
  readonly testsRun: number;
  /** Commands that start what was built, in order, run in `directory`. */
  readonly howToStart: readonly string[];
  readonly durationsMs: {
    readonly total: number;
    readonly install: number;
    readonly gates: number;
    /** Everything that is neither install nor gates. */
    readonly autosd: number;
  };
  /** The command that continues what is unfinished; undefined when nothing is. */
  readonly resume: string | undefined;
}

export interface RefineResult {
  readonly refined: RefinedRequirements;
  /** Host path of refined_requirements.md. */
  readonly file: string;
  /** The command that builds what was refined; absent when nothing was written. */
  readonly next?: string;
  readonly gaps: readonly {
    readonly sentence: string;
    readonly line: number;
    readonly text: string;
    readonly reason: string;
  }[];
}

/** Whether what a project's records say is done was done or proven by this home; else it is their word alone. */
export interface Provenance {
  readonly provenHere: boolean;
}

export type { SprintMetrics, SprintRecord, SprintReview } from "./sprint/sprint-figures.ts";
export type { DoctorCheck } from "./ports/doctor.port.ts";

/** Everything a command may ask for: one call a command. Built by compose, lazily. */
export interface Autosd {
  run(input: RunInput, observer: Observer, signal: AbortSignal): Promise<RunResult>;
  refine(
    input: {
      readonly requirements: RequirementsInput;
      readonly outputDirectory: string;
      /** Absent: blueprint. */
      readonly provider?: (typeof planningProviders)[number];
      /** Absent: nothing is set for language models. */
      readonly models?: ModelSettings;
    },
    signal: AbortSignal,
  ): Promise<RefineResult>;
  /** Recomputes the traceability of a folder's refined_requirements from its recorded source; writes nothing. */
  checkTraceability(input: {
    readonly requirements: RequirementsInput | undefined;
    readonly outputDirectory: string;
  }): Promise<RefineResult>;

  readonly backlog: {
    show(directory: string): Promise<Backlog & Provenance>;
    /** Recomputes the backlog from the refined requirements; done stories keep their status and evidence. */
    refine(directory: string): Promise<{
      readonly backlog: Backlog;
      readonly added: readonly Story[];
      readonly removed: readonly Story[];
    }>;
  };
  readonly sprint: {
    plan(directory: string, maxStories: number): Promise<SprintRecord>;
    start(directory: string): Promise<SprintRecord>;
    review(directory: string): Promise<SprintReview & Provenance>;
    retro(directory: string): Promise<{ readonly file: string; readonly metrics: SprintMetrics }>;
    metrics(directory: string): Promise<SprintMetrics>;
    /** Plan, build, review and retro of one sprint. */
    run(
      directory: string,
      maxStories: number,
      observer: Observer,
      signal: AbortSignal,
    ): Promise<RunResult>;
  };
  readonly runs: {
    list(filter: RunFilter): Promise<readonly RunRecord[]>;
    show(
      runId: string,
    ): Promise<{ readonly run: RunRecord; readonly steps: readonly StepRecord[] }>;
    /** Without an id: the newest run that can be resumed. Limits that are absent stay as they were. */
    resume(
      runId: string | undefined,
      observer: Observer,
      signal: AbortSignal,
      limits?: RunLimits,
    ): Promise<RunResult>;
    cancel(runId: string): Promise<RunRecord>;
  };
  readonly projects: {
    list(filter: ProjectFilter): Promise<readonly ProjectRecord[]>;
    show(id: string): Promise<ProjectRecord>;
    summary(): ReturnType<ProjectStore["summary"]>;
    status(id: string): Promise<{
      readonly project: ProjectRecord;
      readonly backlog: (Backlog & Provenance) | undefined;
      readonly lastRun: RunRecord | undefined;
    }>;
    retire(id: string): Promise<ProjectRecord>;
  };
  /** The audit trail and what proves it. */
  readonly audit: AuditCalls;
  /** Signing keys and the trust list. */
  readonly keys: KeyCalls;
  /** Who may act on the outside: grants, their children and their end. */
  readonly grants: GrantCalls;
  /** What is allowed and why; reads only. */
  readonly policy: PolicyCalls;
  /** The kill switch. */
  readonly halts: HaltCalls;
  /** What journals of language models teach, and changes of prompts from it. */
  readonly learn: LearnCalls;
  /** Pushes a project's branch to a remote, on a grant. */
  push(input: PushInput, signal: AbortSignal): Promise<PushResult>;
  doctor(): Promise<readonly DoctorCheck[]>;
  close(): Promise<void>;
}
