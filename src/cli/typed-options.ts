import type { Invocation } from "./action.ts";
import { CliError } from "./errors.ts";

type Options = Invocation["options"];

/** Text of an option; undefined when it was not given. An empty text is AUTOSD-USAGE. */
export function textOption(options: Options, name: string): string | undefined {
  const value = options[name];
  if (typeof value !== "string") return undefined;
  if (value.trim() === "") throw new CliError("AUTOSD-USAGE", `--${dashed(name)} needs a value.`);
  return value;
}

/** Number of an option that counts; undefined when it was not given. */
export function countOption(options: Options, name: string): number | undefined {
  const value = options[name];
  return typeof value === "number" ? value : undefined;
}

/** Values of an option that may be given several times; undefined when it was not given. */
export function listOption(options: Options, name: string): readonly string[] | undefined {
  const value = options[name];
  if (!Array.isArray(value)) return undefined;
  return value.filter((one) => typeof one === "string");
}

/** Whether a switch was given. */
export function switchOption(options: Options, name: string): boolean {
  return options[name] === true;
}

/** The one of `allowed` that an option names; undefined when it was not given. */
export function choiceOption<T extends string>(
  options: Options,
  name: string,
  allowed: readonly T[],
): T | undefined {
  const value = textOption(options, name);
  if (value === undefined) return undefined;
  const chosen = allowed.find((one) => one === value);
  if (chosen === undefined) {
    throw new CliError(
      "AUTOSD-USAGE",
      `--${dashed(name)} must be one of ${allowed.join(", ")}; it is ${value}.`,
    );
  }
  return chosen;
}

function dashed(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
