import { GovernanceError } from "../../governance/errors.ts";
import { parsePublicJwk } from "../../governance/keys/public-key.ts";
import type { PublicJwk } from "../../governance/keys/signer.port.ts";
import { parseStrictJsonBytes } from "../../kernel/strict-json.ts";
import type { DelegateKey } from "./grant-calls.ts";
import type { GrantServices } from "./grant-services.ts";

const maxJwkBytes = 4 * 1024;

/**
 * The public key that may delegate a new grant: there must be one exactly when there is depth.
 * A new key's file is written before the grant: a key that no grant names is worth nothing.
 */
export async function delegateKeyOf(
  services: Pick<GrantServices, "delegationKeys" | "files">,
  depth: number,
  wanted: DelegateKey | undefined,
): Promise<PublicJwk | undefined> {
  if (depth === 0 && wanted === undefined) return undefined;
  if (wanted === undefined)
    throw input("A grant with --depth needs a key to delegate with: --new-key or --delegate-to.");
  if (depth === 0) throw input("A key to delegate with needs --depth.");
  if (wanted.kind === "new") return services.delegationKeys.create(wanted.file);
  const json = parseStrictJsonBytes(await services.files.read(wanted.file, maxJwkBytes));
  const parsed = parsePublicJwk(json.kind === "value" ? json.value : undefined);
  if (parsed.kind === "key") return parsed.jwk;
  throw input(`${wanted.file} holds no Ed25519 public key (JWK) that could be used.`);
}

function input(message: string): GovernanceError {
  return new GovernanceError("AUTOSD-PREAUTH-INPUT", message);
}
