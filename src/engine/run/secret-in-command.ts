import { findSecrets } from "../../kernel/redaction.ts";
import { sensitivityOf } from "../../kernel/sensitive-names.ts";

/** `--api-key=VALUE`, `API_KEY=VALUE`. */
const named = /^(?:--?)?([A-Za-z][\w.-]*)=(.+)$/s;
const bare = /^--?([A-Za-z][\w.-]*)$/;

/**
 * Where a secret stands in a command, in words that do not hold it: the name that it is given under,
 * else its kind; undefined: none is seen. Nothing else is known of what an agent's options mean.
 */
export function secretInCommand(command: readonly string[]): string | undefined {
  for (const [at, word] of command.entries()) {
    const [, name = ""] = named.exec(word) ?? [];
    if (isSecretName(name)) return name;
    const [, option = ""] = bare.exec(word) ?? [];
    const next = command[at + 1];
    if (next !== undefined && !next.startsWith("-") && isSecretName(option)) return `--${option}`;
    const [found] = findSecrets(word);
    if (found !== undefined) return found.rule;
  }
  return undefined;
}

/** What `--auth` is given is the name of a method. */
function isSecretName(name: string): boolean {
  return !/auth$/i.test(name) && sensitivityOf(name) !== "none";
}
