import type { Invocation } from "./action.ts";
import { CliError } from "./errors.ts";
import { switchOption } from "./typed-options.ts";

/**
 * Leave to go on with something destructive: `--force`, or a yes on the terminal. Without a
 * terminal it is AUTOSD-CONFIRMATION-REQUIRED, after any other answer AUTOSD-DECLINED. `words` are
 * what follows the command on the line that goes on.
 */
export async function confirm(
  invocation: Invocation,
  question: string,
  words: readonly string[] = invocation.positionals,
): Promise<void> {
  if (switchOption(invocation.options, "force")) return;
  const { stdin, stderr, signal } = invocation.context;
  const again = `autosd ${[invocation.command, ...words].join(" ")} --force`;
  // The question is shown on stderr, so both ends of the dialogue must be a terminal.
  if (!stdin.isTerminal || !stderr.isTerminal || invocation.json) {
    throw new CliError(
      "AUTOSD-CONFIRMATION-REQUIRED",
      `${question} Nobody is there to answer; --force goes on without asking.`,
      { remedy: again },
    );
  }
  const answer = await stdin.question(`${question} [y/N] `, signal);
  if (/^y(es)?$/i.test(answer.trim())) return;
  throw new CliError("AUTOSD-DECLINED", "Nothing was changed.", { remedy: again });
}
