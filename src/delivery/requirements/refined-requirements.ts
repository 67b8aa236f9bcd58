import { z } from "zod";

/** One acceptance criterion in Given/When/Then. */
export const criterionSchema = z.object({
  /** `AC-<story number>.<n>`, the prefix of the name of the test that exercises it. */
  id: z.string().regex(/^AC-[0-9]+\.[0-9]+$/),
  given: z.string().min(1),
  when: z.string().min(1),
  then: z.string().min(1),
});
export type Criterion = z.infer<typeof criterionSchema>;

export const userStorySchema = z.object({
  /** `ST-1`, `ST-2`, ... */
  id: z.string().regex(/^ST-[1-9][0-9]*$/),
  title: z.string().min(1),
  asA: z.string().min(1),
  iWant: z.string().min(1),
  soThat: z.string().min(1),
  criteria: z.array(criterionSchema),
  /** Ids of the requirement sentences that it comes from; empty only for `origin: "engineering"`. */
  sentences: z.array(z.string()),
  /** `engineering`: not asked for in words, needed for the product to run (project set-up, health). */
  origin: z.enum(["requirements", "engineering"]),
  /** Ids of stories that must be done before. */
  dependsOn: z.array(z.string()),
  /** Fibonacci points: 1, 2, 3, 5, 8, 13. */
  points: z.number().int().positive(),
  priority: z.enum(["must", "should", "could"]),
  /** The planner's own handles on what is to be built; opaque to everybody but the implementer of the same family. */
  features: z.array(z.string()),
  /** Set when the planner already knows that its implementer cannot build it: why. */
  unimplementable: z.string().optional(),
});
export type UserStory = z.infer<typeof userStorySchema>;

/** Why a sentence leads to no story. */
export const notCoveredSchema = z.object({
  sentence: z.string(),
  /** `context`: nothing to build (background, a title, motivation). `gap`: asks for something and no story covers it. */
  kind: z.enum(["context", "gap"]),
  reason: z.string().min(1),
});

export const nonfunctionalKinds = [
  "performance",
  "security",
  "reliability",
  "usability",
  "compatibility",
  "operability",
  "legal",
] as const;

/**
 * What shows that a requirement on the whole product is met: criteria whose tests pass or fail with
 * the gates. `partly`: they show a part of it, `reason` is the rest.
 */
export const qualityProofSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("proven"), criteria: z.array(z.string()) }),
  z.object({ kind: z.literal("partly"), criteria: z.array(z.string()), reason: z.string().min(1) }),
  z.object({ kind: z.literal("not-proven"), reason: z.string().min(1) }),
]);
export type QualityProof = z.infer<typeof qualityProofSchema>;

export const refinedRequirementsSchema = z.object({
  schema: z.literal("autosd/refined-requirements@1"),
  source: z.object({ name: z.string(), digest: z.string() }),
  title: z.string().min(1),
  brief: z.string().min(1),
  personas: z.array(z.object({ name: z.string(), needs: z.string() })),
  stories: z.array(userStorySchema),
  nonfunctional: z.array(
    z.object({
      kind: z.enum(nonfunctionalKinds),
      statement: z.string(),
      sentences: z.array(z.string()),
      /** Absent: nobody has said what proves it, so nothing does. */
      proof: qualityProofSchema.optional(),
    }),
  ),
  ambiguities: z.array(
    z.object({ text: z.string(), reading: z.string(), sentences: z.array(z.string()) }),
  ),
  contradictions: z.array(z.object({ text: z.string(), sentences: z.array(z.string()) })),
  missingConstraints: z.array(z.string()),
  edgeCases: z.array(z.object({ text: z.string(), stories: z.array(z.string()) })),
  externalDependencies: z.array(z.object({ name: z.string(), why: z.string() })),
  /** Each with a criterion by which a test could show it wrong. */
  assumptions: z.array(z.object({ text: z.string(), criterion: z.string() })),
  stack: z.array(z.object({ choice: z.string(), why: z.string() })),
  /** Sentences that no story comes from. Together with the stories' `sentences` it covers the whole document. */
  notCovered: z.array(notCoveredSchema),
});
export type RefinedRequirements = z.infer<typeof refinedRequirementsSchema>;
