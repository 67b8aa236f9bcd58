import { GovernanceError } from "../../governance/errors.ts";
import { strictUtf8 } from "../../kernel/strict-utf8.ts";
import { messageOf } from "../../kernel/thrown.ts";
import type { PolicyServices } from "./policy-services.ts";

/** Text of a file that was named on the command line. AUTOSD-POLICY-INPUT when it cannot be read. */
export async function namedText(
  services: Pick<PolicyServices, "readFile">,
  file: string,
  maxBytes: number,
): Promise<string> {
  const bytes = await services.readFile(file, maxBytes).catch((error: unknown) => {
    throw new GovernanceError("AUTOSD-POLICY-INPUT", messageOf(error), { cause: error });
  });
  const text = strictUtf8(bytes, "kept");
  if (text === undefined) throw new GovernanceError("AUTOSD-POLICY-INPUT", `${file} is not UTF-8.`);
  return text;
}
