import type { Command } from "commander";
import type { Bind } from "../action.ts";
import { withExamples } from "../options.ts";

/** `autosd version`. */
export function addVersionCommand(program: Command, bind: Bind): void {
  const command = program.command("version").description("print the version");
  withExamples(command, [
    ["the number only", "autosd --version"],
    ["with Node and platform", "autosd version --json"],
  ]);
  bind(command, async () => (await import("../actions/version.ts")).showVersion);
}
