import { GovernanceError } from "../errors.ts";
import { grantIdPattern } from "./grant-limits.ts";

/** The id, when it is one: checked before it becomes part of a path. AUTOSD-PREAUTH-INPUT otherwise. */
export function requireGrantId(text: string): string {
  if (grantIdPattern.test(text)) return text;
  throw new GovernanceError(
    "AUTOSD-PREAUTH-INPUT",
    `${JSON.stringify(text.slice(0, 100))} is no grant id: grt_ and 26 characters.`,
    { remedy: "autosd preauth list" },
  );
}
