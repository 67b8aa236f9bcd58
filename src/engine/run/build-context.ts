import type { RequirementsDocument } from "../../delivery/requirements/document.ts";
import type { RefinedRequirements } from "../../delivery/requirements/refined-requirements.ts";
import type { StoriesAhead } from "./parallel/stories-ahead.ts";
import type { Ctx } from "../ports/run-engine.port.ts";
import type { ChosenProvider } from "../ports/providers.port.ts";
import type { ExistingProject } from "./existing-project.ts";
import type { RunProgress } from "./run-progress.ts";
import type { RunRequest } from "./run-request.ts";
import type { RunServices } from "./run-services.ts";

/** What all stories of a run share. */
export interface BuildContext {
  readonly ctx: Ctx;
  readonly services: RunServices;
  readonly request: RunRequest;
  readonly projectId: string;
  readonly platform: string;
  /** Commands that start what is built, run in the project's folder. */
  readonly startCommands: readonly string[];
  readonly provider: ChosenProvider;
  /** Absent: the project is autosd's own. */
  readonly existing?: ExistingProject | undefined;
  readonly document: RequirementsDocument;
  readonly refined: RefinedRequirements;
  /** Of this execution alone. */
  readonly progress: RunProgress;
  /** Absent: every attempt is made at its turn. */
  readonly ahead?: StoriesAhead | undefined;
}
