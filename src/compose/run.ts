import { deferredRecords, deferredVerifier, deferredWorkspaces } from "./deferred.ts";
import { modelSettings, parallelSettings } from "./options.ts";
import type { Parts } from "./parts.ts";
import { deadlineAfter } from "./surroundings.ts";
import type { Autosd, Observer } from "../engine/autosd.ts";
import { agentSettings } from "../engine/run/agent-settings.ts";
import type { RunLauncher } from "../engine/run/start-run.ts";

/** What begins and goes on with runs, watched by `observe`. */
export async function runLauncher(
  parts: Parts,
  observe: Observer,
  signal: AbortSignal,
): Promise<RunLauncher> {
  const { machine, policy } = parts;
  const { config, version } = parts.options;
  parts.watchedBy(observe);
  await parts.caches.tendAtClose(signal);
  const { sbomOf } = await import("../delivery/verification/sbom.ts");
  const { createPromptJournal } = await import("../adapters/store/prompt-journal.ts");
  const files = await machine.files();
  const engine = await parts.engine();
  return {
    services: {
      autosdVersion: version,
      clock: await machine.clock(),
      files,
      own: await machine.own(),
      projects: await machine.projects(),
      runs: engine,
      vcs: await machine.vcs(),
      repositories: await machine.repositories(),
      verifier: deferredVerifier(() => parts.verification.verifier()),
      workspaces: deferredWorkspaces(() => machine.workspaces()),
      providers: await parts.providers(),
      folders: await machine.folders(),
      halts: await policy.halts(),
      ...deferredRecords({
        audit: () => parts.governance.auditLog(),
        places: () => policy.source(),
      }),
      sbomOf,
      promptJournalOf: (directory) => createPromptJournal(files, directory),
      observe,
    },
    engine,
    beforeExecution: (runId) => policy.recordWeakened(runId),
    requirements: await machine.requirements(),
    ids: await machine.ids(),
    deadline: deadlineAfter,
    sprintDefaults: {
      executionMode: "direct",
      provider: config.provider,
      models: modelSettings(config),
      ...agentSettings(config),
      parallel: parallelSettings(config),
      providerWhy: null,
      replayFile: null,
      recordFile: null,
      preferredPlatform: config.preferredPlatform ?? null,
      maxTaskAttempts: config.maxTaskAttempts,
      reproducible: false,
      install: true,
    },
  };
}

/** The calls that begin runs and go on with them. */
export function runCalls(parts: Parts): Pick<Autosd, "run" | "runs"> {
  const start = () => import("../engine/run/start-run.ts");
  return {
    run: (input, observer, signal) =>
      parts.sayingFullDisk(input.outputDirectory, async () =>
        (await start()).startRun(await runLauncher(parts, observer, signal), input, signal),
      ),
    runs: {
      list: async (filter) => (await parts.engine()).list(filter),
      show: async (runId) => (await start()).showRun(await parts.engine(), runId),
      resume: (runId, observer, signal, limits) =>
        parts.sayingFullDisk(undefined, async () =>
          (await start()).resumeRun(
            await runLauncher(parts, observer, signal),
            runId,
            signal,
            limits,
          ),
        ),
      cancel: async (runId) => (await parts.engine()).cancel(runId),
    },
  };
}
