import { Option } from "commander";
import { type Environment, environments } from "../engine/autosd.ts";
import type { Invocation } from "./action.ts";
import { CliError } from "./errors.ts";

/** An option that names one environment; any other text is AUTOSD-ENV-INVALID. */
export function environmentOption(flags: string, description: string): Option {
  const option = new Option(flags, description).choices(environments);
  return option.argParser((text: string) => environmentOf(text, nameOf(option)));
}

/** The same as a list, repeated or with commas. */
export function environmentsOption(flags: string, description: string): Option {
  const option = new Option(flags, description);
  return option.argParser((text: string, before: readonly Environment[] | undefined) => [
    ...(before ?? []),
    ...text.split(",").map((one) => environmentOf(one.trim(), nameOf(option))),
  ]);
}

/** What `environmentOption` read; undefined when it was not given. */
export function chosenEnvironment(
  options: Invocation["options"],
  name: string,
): Environment | undefined {
  return environments.find((one) => one === options[name]);
}

function nameOf(option: Option): string {
  return option.long ?? option.flags;
}

function environmentOf(text: string, flag: string): Environment {
  const found = environments.find((one) => one === text);
  if (found !== undefined) return found;
  const meant = environments.find((one) => text.toLowerCase().startsWith(one.slice(0, 3)));
  const hint = meant === undefined ? "" : ` Did you mean ${meant}?`;
  throw new CliError(
    "AUTOSD-ENV-INVALID",
    `${flag} ${JSON.stringify(text)} is no environment.${hint}`,
    {
      remedy: `${flag} ${environments.join("|")}`,
      details: { given: text, allowed: environments },
    },
  );
}
