import { z } from "zod";
import { evidenceSchema } from "../backlog/backlog.ts";

/** A gate that was green, with what others need of it. */
export const rememberedGateSchema = z.object({
  schema: z.literal("autosd/remembered-gate@1"),
  evidence: evidenceSchema,
  log: z.string(),
  /** Results of the tests gate. */
  tests: z
    .array(
      z.object({
        file: z.string(),
        name: z.string(),
        outcome: z.enum(["passed", "failed", "skipped"]),
      }),
    )
    .optional(),
});
export type RememberedGate = z.infer<typeof rememberedGateSchema>;

/**
 * Where gates leave what they saw. A full disk is AUTOSD-DISK-FULL for `archive`, since the gate can
 * run again once there is room; nothing else fails a verification: it loses a log, not a verdict.
 */
export interface EvidenceStore {
  /** Green gates only; `key` holds everything that the verdict depends on. */
  recall(key: string): Promise<RememberedGate | undefined>;
  remember(key: string, gate: RememberedGate): Promise<void>;
  /** Whole redacted output for people: `<repository>/.autosd/evidence/<tree>/<gate>.log`. */
  archive(entry: {
    readonly repository: string;
    readonly tree: string;
    readonly gate: string;
    readonly log: string;
  }): Promise<void>;
}
