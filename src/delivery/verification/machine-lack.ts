import type { GateRun } from "./part-runs.ts";
import type { CommandGate } from "./toolchain.ts";

/** A module that a gate takes from the machine, which has none. */
export interface MachineLack {
  readonly module: string;
  readonly message: string;
  readonly remedy: string;
}

/** Reads a gate that came to nothing; undefined when it came to something, or failed for another reason. */
export function machineLack(gate: CommandGate, run: GateRun): MachineLack | undefined {
  const module = gate.machineModule;
  if (module === undefined || run.report !== undefined) return undefined;
  if (run.result.end.kind !== "exited" || run.result.end.exitCode === 0) return undefined;
  const words = new RegExp(`^\\S*python[\\d.]*: No module named ${module}$`, "m");
  if (!words.test(run.result.stderr)) return undefined;
  return {
    module,
    message: `the tests are written for ${module}, which neither the project asks for nor this machine's Python has`,
    remedy: `Name it in the project (echo '${module}' >> requirements-dev.txt) and commit that, or install it here: sudo apt-get install python3-${module}`,
  };
}
