/**
 * Modules that are wanted together although each is imported by itself where it is used: one chunk
 * a group instead of dozens, each of which costs a read and a compilation. Paths below `src`.
 */
export const groups = {
  /** Whatever command it is that keeps records. */
  records: [
    "adapters/process/system-clock.ts",
    "adapters/process/system-ids.ts",
    "adapters/log/open-log.ts",
    "adapters/store/database.ts",
    "adapters/store/project-store.ts",
    "adapters/store/project-files.ts",
  ],
  /** Each run, until it knows who plans it. */
  run: [
    "adapters/disk/explain-full-disk.ts",
    "adapters/engine/local-engine.ts",
    "adapters/engine/partition-lock.ts",
    "adapters/folders/machine-folders.ts",
    "adapters/folders/requirements-source.ts",
    "adapters/governance/halt-files.ts",
    "adapters/implementers/providers.ts",
    "adapters/process/spawn-runner.ts",
    "adapters/store/prompt-journal.ts",
    "adapters/store/run-journal.ts",
    "adapters/vcs/git.ts",
    "compose/providers.ts",
    "delivery/verification/sbom.ts",
    "engine/run/start-run.ts",
  ],
  /** What a language model is asked with. */
  models: [
    "adapters/engine/system-timer.ts",
    "adapters/implementers/model-implementer.ts",
    "adapters/implementers/model-planner.ts",
    "adapters/implementers/run-budgets.ts",
    "adapters/implementers/sandboxed-commands.ts",
    "adapters/models/create-model.ts",
    "adapters/models/direct-fetch.ts",
    "adapters/models/limit-files.ts",
    "adapters/models/limited-fetch.ts",
    "adapters/models/price-file.ts",
    "adapters/store/prompt-templates.ts",
    "adapters/process/modest-memory.ts",
    "compose/models.ts",
    "delivery/agent/limits/limiter.ts",
  ],
  /** What stories are built and judged with. */
  stories: [
    "adapters/disk/disk-aware-sandbox.ts",
    "adapters/disk/disk-aware-workspaces.ts",
    "adapters/engine/spare-memory.ts",
    "adapters/sandbox/create-sandbox.ts",
    "adapters/verification/dependency-store.ts",
    "adapters/verification/file-evidence.ts",
    "adapters/verification/install-retries.ts",
    "adapters/verification/scratch-checkouts.ts",
    "adapters/verification/store-leases.ts",
    "adapters/workspace/folder-workspace.ts",
    "adapters/workspace/scratch-workspaces.ts",
    "delivery/verification/verifier.ts",
  ],
};
