import { describe, expect, it } from "vitest";
import { AutosdError } from "../../kernel/errors.ts";
import type { RequirementsDocument } from "../requirements/document.ts";
import { refinedRequirementsSchema } from "../requirements/refined-requirements.ts";
import type { Planner, PlanningRun } from "./planner.port.ts";

/** Requirements that the planner understands. */
export interface PlannerCase {
  readonly planner: Planner;
  readonly document: RequirementsDocument;
  /** For a planner that needs a run to plan for. */
  readonly run?: PlanningRun;
}

/** What every planner keeps. `start` is called once a test. */
export function plannerContract(name: string, start: () => Promise<PlannerCase>): void {
  const refine = async () => {
    const { planner, document, run } = await start();
    const refined = await planner.refine(document, new AbortController().signal, run);
    return { planner, document, refined, run };
  };

  describe(`${name} is a planner`, () => {
    it("gives requirements of the schema, for the text that it was given", async () => {
      const { document, refined } = await refine();
      expect(refinedRequirementsSchema.parse(refined)).toEqual(refined);
      expect(refined.source.digest).toBe(document.digest);
    });

    it("accounts for every sentence: in a story or not covered, never both", async () => {
      const { document, refined } = await refine();
      const inStories = new Set(refined.stories.flatMap((story) => story.sentences));
      const not = refined.notCovered.map((one) => one.sentence);
      expect(not.filter((id) => inStories.has(id))).toEqual([]);
      expect([...new Set([...inStories, ...not])].sort()).toEqual(
        document.sentences.map((sentence) => sentence.id).sort(),
      );
    });

    it("numbers stories and criteria without repeating, and every story has criteria", async () => {
      const { refined } = await refine();
      const ids = refined.stories.map((story) => story.id);
      expect(new Set(ids).size).toBe(ids.length);
      const criteria = refined.stories.flatMap((story) => story.criteria.map((one) => one.id));
      expect(new Set(criteria).size).toBe(criteria.length);
      for (const story of refined.stories)
        if (story.unimplementable === undefined) expect(story.criteria, story.id).not.toEqual([]);
    });

    it("has stories depend on others that come before them", async () => {
      const { refined } = await refine();
      const seen = new Set<string>();
      for (const story of refined.stories) {
        for (const other of story.dependsOn) expect([...seen]).toContain(other);
        seen.add(story.id);
      }
    });

    it("plans a platform and a design for what it refined", async () => {
      const { planner, document, refined, run } = await refine();
      const plan = await planner.choosePlatform(document, refined, undefined, run);
      expect(plan.platform).not.toBe("");
      expect(await planner.designDocument(document, refined, plan, run)).toMatch(/^# /m);
    });

    it("refuses a platform that it does not know", async () => {
      const { planner, document, refined, run } = await refine();
      await expect(
        planner.choosePlatform(document, refined, "no-such-platform", run),
      ).rejects.toBeInstanceOf(AutosdError);
    });

    it("answers the same again, unless a model is behind it", async () => {
      const { planner, document, refined } = await refine();
      if (planner.kind === "model") return;
      expect(await planner.refine(document, new AbortController().signal)).toEqual(refined);
    });
  });
}
