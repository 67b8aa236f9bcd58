import type { Command } from "commander";
import type { Bind } from "../action.ts";
import { withExamples } from "../options.ts";
import { addPreauthGrantCommands } from "./preauth-grants.ts";
import { addPreauthKeysCommands } from "./preauth-keys.ts";

/** `autosd preauth ...`: keys, and the grants that are signed with them. */
export function addPreauthCommands(program: Command, bind: Bind): void {
  const group = withExamples(
    program
      .command("preauth")
      .description("who may let autosd act on the outside: keys and grants"),
    [
      ["make the keys, once", "autosd preauth init-keys"],
      ["whose signatures count", "autosd preauth trust list"],
    ],
  );
  addPreauthKeysCommands(group, bind);
  addPreauthGrantCommands(group, bind);
}
