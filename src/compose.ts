import { governanceCalls, once } from "./compose/governance.ts";
import type { ComposeOptions } from "./compose/options.ts";
import { Parts } from "./compose/parts.ts";
import { policyCallsOf } from "./compose/policy.ts";
import { recordCalls, RecordParts } from "./compose/records.ts";
import { refineCalls } from "./compose/refine.ts";
import { runCalls } from "./compose/run.ts";
import type { Autosd } from "./engine/autosd.ts";
import type { PushServices } from "./engine/push/push-branch.ts";

/**
 * Builds autosd out of its adapters. Each part is built when a command first needs it: a list of
 * projects neither starts a sandbox nor loads the reader.
 */
export function compose(options: ComposeOptions): Autosd {
  const parts = new Parts(options);
  const { machine, exclusively, planner, providers } = parts;
  const { files, folders, requirements, vcs, ids } = machine;
  const records = new RecordParts(parts);
  return {
    ...runCalls(parts),
    ...refineCalls({ files, folders, requirements, vcs, exclusively, ids, planner, providers }),
    ...recordCalls(parts, records),
    ...governanceCalls(parts.governance),
    ...policyCallsOf(parts.policy),
    learn: learnCallsOf(parts),
    push: async (input, signal) =>
      (await import("./engine/push/push-branch.ts")).pushBranch(
        await pushServicesOf(parts, records),
        input,
        signal,
      ),
    doctor: async () => {
      const { doctorProbes } = await import("./compose/doctor.ts");
      const { agentDoctor } = await import("./compose/acp-doctor.ts");
      const probes = await doctorProbes({
        home: options.config.home,
        cacheMaxMegabytes: options.config.cacheMaxMegabytes,
        searchPath: options.environment["PATH"] ?? "",
        runner: machine.runner,
        sandbox: machine.sandboxOptions,
        agent: agentDoctor(options, machine.sandbox),
      });
      return (await import("./engine/doctor/doctor.ts")).examine(probes);
    },
    close: () => machine.close(),
  };
}

function learnCallsOf({ machine, prompts, exclusively }: Parts): Autosd["learn"] {
  const { projects, files, clock, folders, lock } = machine;
  const calls = once(async () =>
    (await import("./compose/learn.ts")).learnCalls({
      ...{ projects, files, clock, folders, lock },
      ...{ prompts, exclusively },
    }),
  );
  return {
    report: async (input, signal) => (await calls()).report(input, signal),
    update: async (input, signal) => (await calls()).update(input, signal),
    undo: async (place, name) => (await calls()).undo(place, name),
  };
}

async function pushServicesOf(
  { options, machine, policy, engine }: Parts,
  { projectCalls }: RecordParts,
): Promise<PushServices> {
  const { vcs, repositories, files, runner, ids } = machine;
  const { pushServices } = await import("./compose/push.ts");
  const parts = { policy, vcs, repositories, files, runner, engine, ids, projectCalls };
  return pushServices(options, parts);
}
