import type { Command } from "commander";
import { CliError } from "./errors.ts";

/** What commander says about a command line that it does not understand, as far as it is needed. */
export interface ParseFailure {
  readonly code: string;
  readonly message: string;
}

/** The error for a command line that does not parse, with the help command of the nearest command. */
export function usageError(
  failure: ParseFailure,
  program: Command,
  args: readonly string[],
): CliError {
  const command = deepestCommand(program, args);
  const path = commandPath(command);
  return new CliError("AUTOSD-USAGE", messageOf(failure, command), {
    remedy: `autosd ${path === "" ? "" : `${path} `}--help`,
    details: { command: path },
  });
}

/** The command that the leading words of the command line name; the program itself when none does. */
export function deepestCommand(program: Command, args: readonly string[]): Command {
  let command = program;
  for (const word of args) {
    if (word.startsWith("-")) continue;
    const next = command.commands.find((one) => one.name() === word);
    if (next === undefined) break;
    command = next;
  }
  return command;
}

/** `runs resume`; empty for the program. */
export function commandPath(command: Command): string {
  return command.parent === null
    ? ""
    : `${commandPath(command.parent)} ${command.name()}`.trimStart();
}

function messageOf(failure: ParseFailure, command: Command): string {
  if (failure.code === "commander.help") {
    const names = command.commands.map((one) => one.name()).filter((name) => name !== "help");
    return `autosd ${commandPath(command)} needs one of: ${names.join(", ")}.`;
  }
  // Commander puts what it suggests in brackets on a line of its own.
  const [first = "", ...rest] = failure.message.replace(/^error: /, "").split("\n");
  const sentence = first.charAt(0).toUpperCase() + first.slice(1);
  const hints = rest.map((line) => line.replace(/^\((.*)\)$/, "$1"));
  return [/[.?!]$/.test(sentence) ? sentence : `${sentence}.`, ...hints].join(" ").trim();
}
