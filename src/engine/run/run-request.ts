import { z } from "zod";
import { stalenessRules } from "./parallel/staleness.ts";

/**
 * Input of the run flow, journaled: everything that a resume needs, so that it never depends on
 * the file that the requirements came from or on the flags being typed again.
 */
export const runRequestSchema = z.object({
  schema: z.literal("autosd/run-request@1"),
  /** Absolute. */
  directory: z.string(),
  /** Null: derived from the product's name. */
  projectId: z.string().nullable(),
  requirements: z.object({ source: z.string(), text: z.string() }),
  executionMode: z.enum(["direct", "planning", "auto"]),
  provider: z.string(),
  replayFile: z.string().nullable(),
  recordFile: z.string().nullable(),
  models: z
    .object({
      model: z.string().nullable(),
      plannerModel: z.string().nullable(),
      baseUrl: z.string().nullable(),
      keyFile: z.string().nullable(),
      waitForResetSeconds: z.number().int().nonnegative().nullable(),
      maxCostUsd: z.number().nonnegative().nullable(),
      maxTokens: z.number().int().positive().nullable(),
      modelContextTokens: z.number().int().positive().nullable().exactOptional(),
      plannerModelContextTokens: z.number().int().positive().nullable().exactOptional(),
    })
    .nullable()
    .default(null),
  /** Absent: no external agent implements. */
  agent: z
    .object({
      command: z.array(z.string()).readonly(),
      authMethod: z.string().nullable(),
      egress: z.array(z.string()).readonly(),
      environment: z.array(z.string()).readonly(),
      readFolders: z.array(z.string()).readonly(),
      timeoutSeconds: z.number().int().positive(),
      silentSeconds: z.number().int().positive(),
      plannerProvider: z.string().nullable(),
    })
    .optional(),
  providerWhy: z.string().nullable().default(null),
  /** Absent: every attempt is made at its turn. */
  parallel: z
    .object({
      workers: z.number().int().positive(),
      allowStale: z.boolean(),
      rule: z.enum(stalenessRules),
    })
    .optional(),
  /** Absent: the project is autosd's own. Else code that was there before, and the branch to work on (null: chosen). */
  existing: z.object({ branch: z.string().nullable() }).optional(),
  preferredPlatform: z.string().nullable(),
  maxTaskAttempts: z.number().int().positive(),
  maxStoriesPerSprint: z.number().int().positive(),
  /** Null: until no story is ready. */
  maxSprints: z.number().int().positive().nullable(),
  reproducible: z.boolean(),
  install: z.boolean(),
});
export type RunRequest = z.infer<typeof runRequestSchema>;
