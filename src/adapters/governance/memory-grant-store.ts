import type { GrantStore, Revocation } from "../../governance/grants/grant-store.port.ts";
import { requireGrantId } from "../../governance/grants/grant-id.ts";

/** A grant store for tests: gone with the process. */
export function createMemoryGrantStore(): GrantStore {
  const grants = new Map<string, Uint8Array>();
  const revocations = new Map<string, Revocation>();
  return {
    read: async (jti) => grants.get(requireGrantId(jti)),
    write: async (jti, bytes) => {
      grants.set(requireGrantId(jti), bytes.slice());
    },
    list: async () => [...grants.keys()].sort(),
    readAll: async () =>
      [...grants].sort(byId).map(([jti, bytes]) => ({ kind: "file", jti, bytes })),
    revocationOf: async (jti) => {
      const revocation = revocations.get(requireGrantId(jti));
      return revocation === undefined ? { kind: "none" } : { kind: "revoked", revocation };
    },
    revokedIds: async () => new Set(revocations.keys()),
    revoke: async (revocation) => {
      const { jti } = revocation;
      if (!revocations.has(requireGrantId(jti))) revocations.set(jti, revocation);
    },
    reinstate: async (jti) => {
      revocations.delete(requireGrantId(jti));
    },
  };
}

function byId(
  [left]: readonly [string, Uint8Array],
  [right]: readonly [string, Uint8Array],
): number {
  return left < right ? -1 : 1;
}
