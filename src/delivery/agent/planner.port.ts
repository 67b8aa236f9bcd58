import type { RequirementsDocument } from "../requirements/document.ts";
import type { RefinedRequirements } from "../requirements/refined-requirements.ts";
import type { ProjectOutline } from "./project-outline.ts";

/** `platform_plan.json`: what is built on and why. */
export interface PlatformPlan {
  readonly platform: string;
  readonly why: string;
  /** Commands that start what is built, in order, run in the project's folder. */
  readonly startCommands: readonly string[];
  readonly components: readonly { readonly name: string; readonly role: string }[];
}

/** The run that is planned for. */
export interface PlanningRun {
  readonly id: string;
  /** The project's folder, which may not exist yet. */
  readonly directory: string;
  readonly signal: AbortSignal;
  /** What is there already; absent: the project is new. */
  readonly project?: ProjectOutline | undefined;
}

/**
 * Turns requirements into stories. Deterministic planners give equal output for equal input. `run`
 * is absent outside a run, where nothing can be journaled: a planner that has to pay refuses then.
 */
export interface Planner {
  readonly kind: "blueprint" | "replay" | "model";
  refine(
    document: RequirementsDocument,
    signal: AbortSignal,
    run?: PlanningRun,
  ): Promise<RefinedRequirements>;
  /** `preferred` is a platform id or undefined; an unknown one is an error that lists the known. */
  choosePlatform(
    document: RequirementsDocument,
    refined: RefinedRequirements,
    preferred: string | undefined,
    run?: PlanningRun,
  ): Promise<PlatformPlan>;
  /** Markdown of `design_doc.md`. */
  designDocument(
    document: RequirementsDocument,
    refined: RefinedRequirements,
    plan: PlatformPlan,
    run?: PlanningRun,
  ): Promise<string>;
}
