import { z } from "zod";
import { denialSchema } from "./denial.ts";
import { criterionSchema } from "../requirements/refined-requirements.ts";

/** What was run and what came out: the only thing a definition of done may be computed from. */
export const evidenceSchema = z.object({
  gate: z.string(),
  verdict: z.enum(["green", "red", "unavailable"]),
  command: z.array(z.string()),
  exitCode: z.number().int().nullable(),
  durationMs: z.number().nonnegative(),
  /** Git tree that it was run on. */
  tree: z.string(),
  /** `sha256:` of the whole output. */
  outputDigest: z.string(),
  /** What the verdict rests on, one line: `14 tests passed`. */
  finding: z.string(),
});
export type Evidence = z.infer<typeof evidenceSchema>;

export const attemptSchema = z.object({
  number: z.number().int().positive(),
  startedAt: z.string(),
  endedAt: z.string().nullable(),
  outcome: z.enum(["running", "verified", "rejected", "unimplemented", "interrupted"]),
  reason: z.string().optional(),
  /** It ended on something that was denied; absent: it did not. */
  denial: denialSchema.optional(),
  /** What was denied on its way to what was verified; absent: nothing. */
  denials: z.array(denialSchema).optional(),
  evidence: z.array(evidenceSchema),
});
export type Attempt = z.infer<typeof attemptSchema>;

/** `done` is written together with a commit minted from a green report, and in no other way. */
export const storyStatuses = ["ready", "in_progress", "done", "failed", "unimplemented"] as const;
export type StoryStatus = (typeof storyStatuses)[number];

export const storySchema = z.object({
  id: z.string().regex(/^ST-[1-9][0-9]*$/),
  title: z.string().min(1),
  narrative: z.string(),
  criteria: z.array(criterionSchema),
  sentences: z.array(z.object({ id: z.string(), text: z.string() })),
  features: z.array(z.string()),
  dependsOn: z.array(z.string()),
  points: z.number().int().positive(),
  priority: z.enum(["must", "should", "could"]),
  status: z.enum(storyStatuses),
  statusReason: z.string().optional(),
  attempts: z.array(attemptSchema),
  /** Full commit id, set exactly when `status` is `done`. */
  commit: z.string().nullable(),
  sprint: z.string().nullable(),
});
export type Story = z.infer<typeof storySchema>;

/** `<project>/.autosd/backlog.json`. */
export const backlogSchema = z.object({
  schema: z.literal("autosd/backlog@1"),
  project: z.string(),
  requirementsDigest: z.string(),
  updatedAt: z.string(),
  stories: z.array(storySchema),
});
export type Backlog = z.infer<typeof backlogSchema>;
