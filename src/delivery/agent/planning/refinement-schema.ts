import { z } from "zod";
import { nonfunctionalKinds } from "../../requirements/refined-requirements.ts";

const maxStories = 200;
const maxCriteria = 30;
const maxEntries = 500;

const title = z.string().min(1).max(120);
const text = z.string().min(1).max(2_000);
const sentenceIds = z.array(z.string().max(12)).max(maxEntries);

const storyDraftSchema = z.object({
  id: z.string().min(1).max(12),
  title,
  asA: title,
  iWant: text,
  soThat: text,
  criteria: z.array(z.object({ given: text, when: text, then: text })).max(maxCriteria),
  sentences: sentenceIds,
  dependsOn: z.array(z.string().max(12)).max(maxStories).default([]),
  points: z.number().int(),
  priority: z.enum(["must", "should", "could"]),
});
export type StoryDraft = z.infer<typeof storyDraftSchema>;

function list<T extends z.ZodType>(entry: T) {
  return z.array(entry).max(maxEntries).default([]);
}

/** What a model is asked for: everything that is not counted, copied or worked out by autosd. */
export const refinementDraftSchema = z.object({
  title,
  brief: text,
  personas: list(z.object({ name: title, needs: text })),
  stories: z.array(storyDraftSchema).max(maxStories),
  nonfunctional: list(
    z.object({ kind: z.enum(nonfunctionalKinds), statement: text, sentences: sentenceIds }),
  ),
  ambiguities: list(z.object({ text, reading: text, sentences: sentenceIds })),
  contradictions: list(z.object({ text, sentences: sentenceIds })),
  missingConstraints: list(text),
  edgeCases: list(z.object({ text, stories: z.array(z.string().max(12)).max(maxStories) })),
  externalDependencies: list(z.object({ name: title, why: text })),
  assumptions: list(z.object({ text, criterion: text })),
  stack: list(z.object({ choice: title, why: text })),
  notCovered: z.array(
    z.object({ sentence: z.string().max(12), kind: z.enum(["context", "gap"]), reason: text }),
  ),
});
export type RefinementDraft = z.infer<typeof refinementDraftSchema>;
