/** What a configuration value may be; drives parsing, the schema of files, and the reference. */
export type OptionType =
  /** Absolute once resolved: `~` is the user's home, relative to where it was written. */
  | { readonly kind: "path" }
  | { readonly kind: "boolean" }
  | { readonly kind: "integer"; readonly minimum: number; readonly maximum: number }
  /** May have a fraction. */
  | { readonly kind: "amount"; readonly minimum: number; readonly maximum: number }
  /** Printable characters without blanks: names that others give. */
  | { readonly kind: "word" }
  /** `http:` or `https:`, without a user, a query or a fragment. */
  | { readonly kind: "url" }
  | { readonly kind: "choice"; readonly choices: readonly string[] }
  /** Lower-case letters, digits, `_` and `-`. */
  | { readonly kind: "name" }
  /** A program and its arguments; on the command line and in the environment as a shell would read them. */
  | { readonly kind: "command" }
  /** Names of environment variables; separated by commas in the environment. */
  | { readonly kind: "variables" }
  /** Paths, as of `path`; separated by colons in the environment. */
  | { readonly kind: "paths" }
  /** `host` or `host:port`; a comma-separated list in the environment and on the command line. */
  | { readonly kind: "hosts" };

export type ValueOf<T extends OptionType> = T extends { readonly kind: "boolean" }
  ? boolean
  : T extends { readonly kind: "integer" | "amount" }
    ? number
    : T extends { readonly kind: "hosts" | "command" | "variables" | "paths" }
      ? readonly string[]
      : T extends { readonly kind: "choice"; readonly choices: readonly (infer C)[] }
        ? C
        : string;

/** A variable of a convention older than autosd that decides when autosd's own is not set. */
interface EnvironmentConvention {
  readonly name: string;
  /** What the option is when the variable holds anything but nothing, `0` and `false`. */
  readonly value: string;
}

/** One line of the option table. */
export interface ConfigOption {
  readonly type: OptionType;
  /** Undefined: not set, and autosd decides when it needs the value. Relative paths: in the home folder. */
  readonly default: string | number | boolean | readonly string[] | undefined;
  /** Environment variable. */
  readonly env: string;
  readonly conventions?: readonly EnvironmentConvention[];
  /** Command-line flag, where commands have one. */
  readonly flag: string | undefined;
  /**
   * Files that may set it. A project's file comes with the project, from whoever wrote it: it sets
   * nothing that widens what autosd may reach.
   */
  readonly files: readonly ("project" | "home")[];
  /** One or two sentences for the reference. */
  readonly description: string;
}
