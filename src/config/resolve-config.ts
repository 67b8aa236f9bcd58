import { ConfigError } from "./errors.ts";
import { nearMatch } from "../kernel/near-match.ts";
import type { ConfigOption } from "./option.ts";
import { options, optionNames, type Config, type OptionName } from "./options.ts";
import {
  parseDefault,
  parseText,
  parseValue,
  type OptionValue,
  type Parsed,
  type PathBase,
} from "./parse-value.ts";

/** Who decided a value. */
export type ConfigSource =
  | { readonly kind: "flag"; readonly name: string }
  | { readonly kind: "environment"; readonly name: string }
  | { readonly kind: "project"; readonly file: string }
  | { readonly kind: "home"; readonly file: string }
  | { readonly kind: "default" };

/** The parsed content of a configuration file that exists. */
export interface ConfigFile {
  readonly file: string;
  /** Its folder: where its relative paths start. */
  readonly folder: string;
  readonly content: Readonly<Record<string, unknown>>;
}

export interface ConfigInputs {
  /** By option name; undefined: not given. Other members are none of ours. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly project: ConfigFile | undefined;
  readonly home: ConfigFile | undefined;
  /** Absolute: where relative paths of flags and environment start. Undefined: it is gone. */
  readonly workingFolder: string | undefined;
  /** Absolute: what `~` means. Undefined: this user has none. */
  readonly userHome: string | undefined;
}

export interface ResolvedConfig {
  readonly values: Config;
  readonly sources: Readonly<Record<OptionName, ConfigSource>>;
}

interface Found {
  readonly value: OptionValue | undefined;
  readonly source: ConfigSource;
}

/**
 * Each option from the first that sets it: flag, environment, project file, home file, default.
 * Throws ConfigError AUTOSD-CONFIG-INVALID with every problem: unknown keys, values out of bounds,
 * options that a file may not set. A bad value is a problem even where a better source decides.
 */
export function resolveConfig(inputs: ConfigInputs): ResolvedConfig {
  const problems: string[] = [
    ...strangeKeys(inputs.project, "project"),
    ...strangeKeys(inputs.home, "home"),
    ...strangeVariables(inputs.env),
  ];
  const found = new Map<OptionName, Found>();
  for (const name of optionNames) {
    const [first] = candidates(name, options[name], inputs, problems);
    if (first !== undefined) found.set(name, first);
  }
  if (problems.length > 0) throw invalid(problems);
  const home = found.get("home")?.value ?? defaultOf("home", undefined, inputs.userHome);
  for (const name of optionNames) {
    if (found.has(name)) continue;
    const value = defaultOf(name, String(home), inputs.userHome);
    found.set(name, { value, source: { kind: "default" } });
  }
  return resolved(found);
}

/** The home folder alone, which has to be known before its file can be read. */
export function resolveHome(
  inputs: Pick<ConfigInputs, "flags" | "env" | "workingFolder" | "userHome">,
): string {
  const problems: string[] = [];
  const all: ConfigInputs = { ...inputs, project: undefined, home: undefined };
  const [first] = candidates("home", options.home, all, problems);
  if (problems.length > 0) throw invalid(problems);
  return String(first?.value ?? defaultOf("home", undefined, inputs.userHome));
}

function candidates(
  name: OptionName,
  option: ConfigOption,
  inputs: ConfigInputs,
  problems: string[],
): readonly Found[] {
  const here: PathBase = { folder: inputs.workingFolder, userHome: inputs.userHome };
  const found: Found[] = [];
  const take = (parsed: Parsed, label: string, source: ConfigSource): void => {
    const problem = parsed.kind === "invalid" ? parsed.problem : hazard(name, parsed.value);
    if (problem !== undefined) problems.push(`${label} ${problem}`);
    else if (parsed.kind === "value") found.push({ value: parsed.value, source });
  };
  const flag = inputs.flags[name];
  if (flag !== undefined) {
    const label = option.flag ?? name;
    const parsed =
      typeof flag === "string"
        ? parseText(option.type, flag, here)
        : parseValue(option.type, flag, here);
    take(parsed, label, { kind: "flag", name: label });
  }
  const variable = variableOf(option, inputs.env);
  if (variable !== undefined)
    take(parseText(option.type, variable.text, here), variable.name, {
      kind: "environment",
      name: variable.name,
    });
  for (const kind of ["project", "home"] as const) {
    const file = inputs[kind];
    if (file === undefined || !Object.hasOwn(file.content, name)) continue;
    if (!option.files.includes(kind)) continue;
    const base: PathBase = { folder: file.folder, userHome: inputs.userHome };
    const label = `${file.file}: ${name}`;
    take(parseValue(option.type, file.content[name], base), label, { kind, file: file.file });
  }
  return found;
}

function variableOf(
  option: ConfigOption,
  env: ConfigInputs["env"],
): { readonly name: string; readonly text: string } | undefined {
  const own = env[option.env];
  if (own !== undefined) return { name: option.env, text: own };
  for (const convention of option.conventions ?? []) {
    const text = env[convention.name];
    if (text !== undefined && !["", "0", "false"].includes(text))
      return { name: convention.name, text: convention.value };
  }
  return undefined;
}

/** autosd keeps its home folder to itself (mode 0700): never a folder that others use. */
function hazard(name: OptionName, value: OptionValue): string | undefined {
  if (name !== "home") return undefined;
  return value === "/" ? "must be a folder of its own, not the root folder" : undefined;
}

/** Relative default paths are in the home folder. */
function defaultOf(
  name: OptionName,
  folder: string | undefined,
  userHome: string | undefined,
): OptionValue | undefined {
  const option: ConfigOption = options[name];
  if (option.default === undefined) return undefined;
  const parsed = parseDefault(option.type, option.default, { folder, userHome });
  if (parsed.kind === "invalid")
    throw invalid([`${option.env} is not set, and its default ${parsed.problem}`]);
  return parsed.value;
}

/** Members that say what the file is, for editors and for later versions. */
const documentKeys = ["$schema", "schema"];

function strangeKeys(file: ConfigFile | undefined, kind: "project" | "home"): readonly string[] {
  if (file === undefined) return [];
  const problems: string[] = [];
  for (const key of Object.keys(file.content)) {
    if (documentKeys.includes(key)) continue;
    const known = optionNames.find((name) => name === key);
    if (known === undefined) {
      const near = nearMatch(key, optionNames);
      const hint = near === undefined ? "" : `; did you mean ${near}?`;
      problems.push(`${file.file}: ${JSON.stringify(key)} is not an option${hint}`);
    } else {
      const option: ConfigOption = options[known];
      if (!option.files.includes(kind)) problems.push(`${file.file}: ${misplaced(known, option)}`);
    }
  }
  return problems;
}

function misplaced(name: OptionName, option: ConfigOption): string {
  const places = [option.env, ...(option.files.includes("home") ? ["the home config.json"] : [])];
  return `${name} cannot be set in this file; set it with ${places.join(" or ")}`;
}

/** A variable that is nearly ours is a typing mistake; other AUTOSD_ variables are none of ours. */
function strangeVariables(env: ConfigInputs["env"]): readonly string[] {
  const known = optionNames.map((name) => options[name].env as string);
  return Object.keys(env)
    .filter((name) => name.startsWith("AUTOSD_") && !known.includes(name))
    .flatMap((name) => {
      const near = nearMatch(
        name.slice("AUTOSD_".length),
        known.map((one) => one.slice("AUTOSD_".length)),
      );
      return near === undefined
        ? []
        : [`${name} is not a variable of autosd; did you mean AUTOSD_${near}?`];
    });
}

function invalid(problems: readonly string[]): ConfigError {
  const message =
    problems.length === 1
      ? `The configuration is not valid: ${problems.join("")}`
      : `The configuration is not valid:\n${problems.map((problem) => `  ${problem}`).join("\n")}`;
  return new ConfigError("AUTOSD-CONFIG-INVALID", message, { details: { problems } });
}

function resolved(found: ReadonlyMap<OptionName, Found>): ResolvedConfig {
  const values: Record<string, unknown> = {};
  const sources: Record<string, ConfigSource> = {};
  for (const [name, { value, source }] of found) {
    values[name] = value;
    sources[name] = source;
  }
  // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- each value came through the schema of its own option, for every option of the table
  return { values: values as Config, sources: sources as ResolvedConfig["sources"] };
}
