import type { Command } from "commander";
import type { Bind } from "../action.ts";
import { withExamples } from "../options.ts";

/** `autosd doctor`. */
export function addDoctorCommand(program: Command, bind: Bind): void {
  const command = program
    .command("doctor")
    .description("check whether this machine has what autosd needs");
  withExamples(command, [
    ["check", "autosd doctor"],
    ["for scripts", "autosd doctor --json"],
  ]);
  bind(command, async () => (await import("../actions/doctor.ts")).doctor);
}
