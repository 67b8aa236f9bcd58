import { resolve } from "node:path";
import type { RequirementsInput } from "../engine/autosd.ts";
import type { Invocation } from "./action.ts";
import { CliError } from "./errors.ts";
import { textOption } from "./typed-options.ts";

/** Where the requirements come from; undefined when no option says it, AUTOSD-USAGE when two do. */
export function requirementsOption(invocation: Invocation): RequirementsInput | undefined {
  const file = textOption(invocation.options, "requirementsFile");
  const text = textOption(invocation.options, "requirementsText");
  if (file !== undefined && text !== undefined) {
    throw new CliError(
      "AUTOSD-USAGE",
      "--requirements-file and --requirements-text exclude each other.",
      { remedy: `autosd ${invocation.command} --help` },
    );
  }
  if (text !== undefined) return { kind: "text", text };
  if (file === "-") return { kind: "stdin" };
  if (file !== undefined) return { kind: "file", path: resolve(invocation.context.cwd, file) };
  return undefined;
}

/** As `requirementsOption`, where a command cannot do without. */
export function requiredRequirements(invocation: Invocation): RequirementsInput {
  const input = requirementsOption(invocation);
  if (input !== undefined) return input;
  throw new CliError(
    "AUTOSD-USAGE",
    "Say what to build: --requirements-file FILE or --requirements-text TEXT.",
    { remedy: `autosd ${invocation.command} --help` },
  );
}
