import { optionNames, type OptionName } from "./options.ts";
import type { ConfigSource, ResolvedConfig } from "./resolve-config.ts";

/** One line of `config show`. */
export interface ConfigLine {
  readonly name: OptionName;
  /** Null: not set. */
  readonly value: string | number | boolean | readonly string[] | null;
  readonly source: ConfigSource["kind"];
  /** The flag, variable or file; null for defaults. */
  readonly from: string | null;
}

/** Every option with its value and who decided it, in the order of the table; plain JSON data. */
export function describeConfig(config: ResolvedConfig): readonly ConfigLine[] {
  return optionNames.map((name) => {
    const source = config.sources[name];
    return {
      name,
      value: config.values[name] ?? null,
      source: source.kind,
      from: fromOf(source),
    };
  });
}

function fromOf(source: ConfigSource): string | null {
  switch (source.kind) {
    case "flag":
    case "environment":
      return source.name;
    case "project":
    case "home":
      return source.file;
    case "default":
      return null;
  }
}
