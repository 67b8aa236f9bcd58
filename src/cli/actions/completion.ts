import type { Command } from "commander";
import { type Action, writeJson } from "../action.ts";
import { bashScript } from "../completion/bash.ts";
import { fishScript } from "../completion/fish.ts";
import { completableCommands } from "../completion/structure.ts";
import { zshScript } from "../completion/zsh.ts";

const writers = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;

/** `autosd completion`: the script of a shell, written from the program's own structure. */
export function completion(program: Command): Action {
  return async (invocation) => {
    const [wanted] = invocation.positionals;
    const shell = shells.find((one) => one === wanted) ?? "bash";
    const script = writers[shell](completableCommands(program));
    if (invocation.json) writeJson(invocation, { schema: "autosd/completion@1", shell, script });
    else invocation.context.stdout.write(script);
    return 0;
  };
}

const shells: readonly (keyof typeof writers)[] = ["bash", "zsh", "fish"];
