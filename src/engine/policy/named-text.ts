import { GovernanceError } from "../../governance/errors.ts";
import type { PolicyServices } from "./policy-services.ts";

/** Text of a file that was named on the command line. AUTOSD-POLICY-INPUT when it cannot be read. */
export async function namedText(
  services: Pick<PolicyServices, "readFile">,
  file: string,
  maxBytes: number,
): Promise<string> {
  try {
    const bytes = await services.readFile(file, maxBytes);
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    const reason =
      error instanceof TypeError
        ? `${file} is not UTF-8.`
        : error instanceof Error
          ? error.message
          : `${file} cannot be read.`;
    throw new GovernanceError("AUTOSD-POLICY-INPUT", reason, { cause: error });
  }
}
