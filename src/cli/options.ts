import { parseDuration } from "../kernel/duration.ts";
import { type Command, InvalidArgumentError, Option } from "commander";

/** Examples that end the help of a command: what it is for, and the command line. */
export type Examples = readonly (readonly [purpose: string, line: string])[];

/** A parser of whole numbers from 1 to `max`, for options that count. */
export function countUpTo(max: number): (text: string) => number {
  return (text) => {
    const count = /^[0-9]{1,9}$/.test(text) ? Number(text) : 0;
    if (count < 1 || count > max)
      throw new InvalidArgumentError(`It must be a whole number from 1 to ${max}.`);
    return count;
  };
}

/** A parser of durations such as `90s` and `6h`, in whole seconds. */
export function wholeSeconds(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined)
    throw new InvalidArgumentError("It must be a duration such as 90s, 15m or 6h.");
  return Math.ceil(ms / 1_000);
}

/** The same, of at most so many days; what is longer is said in the unit that was asked in. */
export function wholeSecondsUpTo(maxSeconds: number): (text: string) => number {
  return (text) => {
    const seconds = wholeSeconds(text);
    if (seconds <= maxSeconds) return seconds;
    throw new InvalidArgumentError(`It may be at most ${Math.floor(maxSeconds / 86_400)}d.`);
  };
}

/** Gathers the values of an option that may be given several times. */
export function each(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

/** An option with a fixed list of values. */
export function choice(flags: string, description: string, values: readonly string[]): Option {
  return new Option(flags, description).choices(values);
}

/** The two ways to say which project a command is about; both default to the current folder. */
export function withProject(command: Command): Command {
  return command
    .option("--project <dir-or-id>", "project, by its folder or its id (default: current folder)")
    .option("--output-dir <dir>", "project, by its folder");
}

/** Ends the help of a command. */
export function withExamples(command: Command, examples: Examples): Command {
  const lines = examples.flatMap(([purpose, line]) => [`  # ${purpose}`, `  ${line}`]);
  return command.addHelpText("after", ["", "Examples:", ...lines].join("\n"));
}
