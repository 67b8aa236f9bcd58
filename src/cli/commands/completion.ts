import { Argument, type Command } from "commander";
import type { Bind } from "../action.ts";
import { withExamples } from "../options.ts";

/** `autosd completion bash|zsh|fish`. */
export function addCompletionCommand(program: Command, bind: Bind): void {
  const command = program
    .command("completion")
    .description("print the completion script of a shell")
    .addArgument(new Argument("<shell>", "whose script").choices(["bash", "zsh", "fish"]));
  withExamples(command, [
    ["bash", "autosd completion bash > ~/.local/share/bash-completion/completions/autosd"],
    ["zsh", 'autosd completion zsh > "${fpath[1]}/_autosd"'],
    ["fish", "autosd completion fish > ~/.config/fish/completions/autosd.fish"],
  ]);
  bind(command, async () => {
    const { completion } = await import("../actions/completion.ts");
    return completion(program);
  });
}
