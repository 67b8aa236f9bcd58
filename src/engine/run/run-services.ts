import type { PromptJournal } from "../../delivery/agent/model/prompt-journal.port.ts";
import type { ExistingRepositories } from "../../delivery/agent/existing-repository.port.ts";
import type { Vcs } from "../../delivery/agent/vcs.port.ts";
import type { Verifier } from "../../delivery/verification/verification.port.ts";
import type { AuditLog } from "../../governance/audit/audit-log.port.ts";
import type { PolicySource } from "../../governance/policy/policy-source.port.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { OwnRecords } from "../../state/own-records.port.ts";
import type { ProjectFiles } from "../../state/project-files.port.ts";
import type { ProjectStore } from "../../state/projects.port.ts";
import type { Observer } from "../autosd.ts";
import type { Halts } from "../halt/refuse-halted.ts";
import type { EngineClient } from "../ports/run-engine.port.ts";
import type { Providers } from "../ports/providers.port.ts";
import type { Folders } from "../ports/folders.port.ts";
import type { Workspaces } from "../ports/workspaces.port.ts";

/** What the run flow works with; all of it ports. */
export interface RunServices {
  readonly autosdVersion: string;
  readonly clock: Clock;
  readonly files: ProjectFiles;
  /** Tells the records of a folder that this home wrote from those that came with it. */
  readonly own: OwnRecords;
  readonly projects: ProjectStore;
  /** Past runs of the project, for the figures of a retrospective; limits that were set for this one. */
  readonly runs: Pick<EngineClient, "list" | "signal" | "signals">;
  readonly vcs: Vcs;
  /** Repositories that autosd did not create. */
  readonly repositories: ExistingRepositories;
  readonly verifier: Verifier;
  readonly workspaces: Workspaces;
  readonly providers: Providers;
  readonly folders: Folders;
  /** Where a project is, for those who look up its policy without the database. */
  readonly places: Pick<PolicySource, "remember">;
  /** Where it is recorded which gates were green on which commit. */
  readonly audit: Pick<AuditLog, "transact">;
  /** Asked before a run and before each of its steps. */
  readonly halts: Halts;
  /** CycloneDX document of a tree's dependencies, undefined when it has no lockfile. */
  sbomOf(lockfile: string, product: { readonly name: string; readonly version: string }): string;
  /** The prompt journal of a project's folder; absent: nothing is fetched ahead of its turn. */
  readonly promptJournalOf?: (directory: string) => PromptJournal;
  readonly observe: Observer;
}
