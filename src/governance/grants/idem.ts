import { canonicalJson } from "../../kernel/canonical-json.ts";
import { sha256 } from "../../kernel/hash.ts";
import type { PrivilegedAction } from "./action.ts";

/**
 * Name of one action: the same action asked for twice has the same name, and whatever differs in
 * one member has another. `sha256:` over the canonical JSON of its members.
 */
export function idemOf(action: PrivilegedAction): string {
  return sha256(
    canonicalJson({
      action: action.action,
      project: action.project,
      env: action.environment,
      target: action.target,
      commit: action.commit,
      artifact: action.artifact,
      run: action.run,
    }),
  );
}
