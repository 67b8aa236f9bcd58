import type { OptionType } from "./option.ts";

/** What the type allows, for the reference and for people whose value is refused. */
export function describeType(type: OptionType): string {
  switch (type.kind) {
    case "boolean":
      return "true or false";
    case "integer":
      return `a whole number from ${type.minimum} to ${type.maximum}`;
    case "amount":
      return `a number from ${type.minimum} to ${type.maximum}`;
    case "word":
      return "a name without blanks";
    case "url":
      return "an address that begins with http:// or https://, without a user or a query";
    case "choice":
      return `one of ${type.choices.join(", ")}`;
    case "name":
      return "a name of lower-case letters, digits, _ and -";
    case "path":
      return "a path";
    case "command":
      return "a program and its arguments, with quotes as in a shell";
    case "variables":
      return "a list of names of environment variables";
    case "paths":
      return "a list of paths";
    case "hosts":
      return "a list of host or host:port, without scheme";
  }
}
