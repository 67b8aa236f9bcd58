import type { Command, Option } from "commander";

/** An option as completion sees it. */
export interface CompletableOption {
  /** `--json`; `-h` and `--help`. */
  readonly flags: readonly string[];
  readonly description: string;
  readonly value:
    | { readonly kind: "none" }
    | { readonly kind: "choices"; readonly choices: readonly string[] }
    | { readonly kind: "file" }
    | { readonly kind: "folder" }
    | { readonly kind: "text" };
}

/** A command as completion sees it. */
export interface CompletableCommand {
  /** Words that name it: `["runs", "resume"]`; empty for autosd itself. */
  readonly path: readonly string[];
  readonly description: string;
  readonly options: readonly CompletableOption[];
  /** Values of its first positional argument, when they are fixed. */
  readonly choices: readonly string[];
  readonly subcommands: readonly { readonly name: string; readonly description: string }[];
}

/** Every command of a program, itself first, with the options that each takes. */
export function completableCommands(program: Command): readonly CompletableCommand[] {
  const global = optionsOf(program).filter((option) => !option.flags.includes("--version"));
  return walk(program, [], global);
}

function walk(
  command: Command,
  path: readonly string[],
  global: readonly CompletableOption[],
): readonly CompletableCommand[] {
  const own = path.length === 0 ? optionsOf(command) : [...optionsOf(command), ...global];
  const subcommands = command.commands.filter((one) => one.name() !== "help");
  return [
    {
      path,
      description: command.description(),
      options: unique(own),
      choices: command.registeredArguments[0]?.argChoices ?? [],
      subcommands: subcommands.map((one) => ({
        name: one.name(),
        description: one.description(),
      })),
    },
    ...subcommands.flatMap((one) => walk(one, [...path, one.name()], global)),
  ];
}

function optionsOf(command: Command): readonly CompletableOption[] {
  return command.createHelp().visibleOptions(command).map(completable);
}

function completable(option: Option): CompletableOption {
  return {
    flags: [option.short, option.long].filter((flag) => flag !== undefined),
    description: option.description,
    value: valueOf(option),
  };
}

function valueOf(option: Option): CompletableOption["value"] {
  if (option.argChoices !== undefined) return { kind: "choices", choices: option.argChoices };
  if (!option.required && !option.optional) return { kind: "none" };
  if (option.flags.includes("<file>")) return { kind: "file" };
  return option.flags.includes("<dir") ? { kind: "folder" } : { kind: "text" };
}

function unique(options: readonly CompletableOption[]): readonly CompletableOption[] {
  const seen = new Set<string>();
  return options.filter((option) => {
    const key = option.flags.at(-1) ?? "";
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
