import { messageOf } from "../../kernel/thrown.ts";
import type { DoctorCheck, Probe } from "../ports/doctor.port.ts";

/** Runs every probe, side by side; one that throws is a failed check, never the end of the report. */
export async function examine(
  probes: readonly { readonly name: string; readonly required: boolean; readonly probe: Probe }[],
): Promise<readonly DoctorCheck[]> {
  const results = await Promise.all(
    probes.map(async ({ name, required, probe }) => {
      try {
        return await probe();
      } catch (error) {
        const finding = messageOf(error);
        return [{ name, required, ok: false, finding, remedy: undefined }];
      }
    }),
  );
  return results.flat();
}
