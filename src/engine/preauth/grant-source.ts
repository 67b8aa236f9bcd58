import { GovernanceError } from "../../governance/errors.ts";
import { grantIdPattern, maxGrantBytes } from "../../governance/grants/grant-limits.ts";
import type { GrantServices } from "./grant-services.ts";

/** Where a grant came from. */
export interface GrantSource {
  readonly bytes: Uint8Array;
  /** As it was named; null for a grant of the store. */
  readonly file: string | null;
}

/** A grant of the store by its id, or a file by its path. AUTOSD-PREAUTH-INPUT when there is none. */
export async function readGrantSource(
  { store, files }: Pick<GrantServices, "store" | "files">,
  source: string,
): Promise<GrantSource> {
  if (!grantIdPattern.test(source))
    return { bytes: await files.read(source, maxGrantBytes), file: source };
  const bytes = await store.read(source);
  if (bytes !== undefined) return { bytes, file: null };
  throw new GovernanceError("AUTOSD-PREAUTH-INPUT", `There is no grant ${source}.`, {
    remedy: "autosd preauth list",
  });
}
