import { GovernanceError } from "../errors.ts";
import type { SignerChoice } from "./keyring.port.ts";
import { kidSchema } from "./trust.ts";

const agentPrefix = "ssh-agent:";
const fingerprint = /^(?:SHA256:)?([A-Za-z0-9+/]{43})$/;

/**
 * What `--signer` says: a kid, or `ssh-agent:` and a fingerprint as `ssh-add -l` prints it. Throws
 * AUTOSD-PREAUTH-INPUT for anything else.
 */
export function parseSignerChoice(text: string | undefined): SignerChoice {
  if (text === undefined) return {};
  if (text.startsWith(agentPrefix)) {
    const digest = fingerprint.exec(text.slice(agentPrefix.length))?.[1];
    if (digest !== undefined) return { sshAgent: `SHA256:${digest}` };
  } else if (kidSchema.safeParse(text).success) return { kid: text };
  throw new GovernanceError(
    "AUTOSD-PREAUTH-INPUT",
    `${JSON.stringify(text)} names no key: it must be a kid, or ssh-agent: and a SHA256 fingerprint.`,
    { remedy: "autosd preauth trust list" },
  );
}
