import { z } from "zod";
import { canonicalJson } from "../../kernel/canonical-json.ts";
import { stateRecordSchema } from "./state-record.ts";

const count = z.number().int().nonnegative();
const snapshotSchema = z.strictObject({
  /** 1 to 3 believed what nobody had signed: such a state is made anew. */
  v: z.literal(4),
  origin: z.string(),
  size: count,
  head: z.string(),
  lastTimeMs: count,
  position: z.strictObject({ segment: count, offset: count }),
  epoch: count,
  privileged: count,
  /** Base64, largest subtree first. */
  frontier: z.array(z.string()).max(53),
  state: stateRecordSchema,
});

/** `state.json`: the end of the log at one size, so that only the lines after it are read again. */
export type Snapshot = z.infer<typeof snapshotSchema>;

export const maxSnapshotBytes = 64 * 1024 * 1024;

/** Its bytes, which a checkpoint vouches for by their digest. */
export function formatSnapshot(snapshot: Snapshot): Uint8Array {
  return Buffer.from(`${canonicalJson(snapshot)}\n`, "utf8");
}

/** Undefined for what is no snapshot. Nobody should believe one whose digest is not signed. */
export function parseSnapshot(bytes: Uint8Array): Snapshot | undefined {
  try {
    const parsed = snapshotSchema.safeParse(JSON.parse(Buffer.from(bytes).toString("utf8")));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
