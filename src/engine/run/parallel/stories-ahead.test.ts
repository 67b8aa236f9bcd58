import fc from "fast-check";
import { expect, it } from "vitest";
import { MemoryYard, type PlannedStory } from "../../../../test/support/memory-yard.ts";
import type { AgentEvent, Implementer } from "../../../delivery/agent/implementer.port.ts";
import type { JournalRecord } from "../../../delivery/agent/model/prompt-journal.port.ts";
import { sha256 } from "../../../kernel/hash.ts";
import type { AheadFacts } from "./ahead-report.ts";

/** What a story's attempt does, one thing after the other; what it writes depends on all it has seen. */
type Deed =
  | { readonly kind: "read" | "write" | "append" | "delete"; readonly path: string }
  | { readonly kind: "list" }
  | { readonly kind: "fail" }
  | { readonly kind: "deny" }
  | { readonly kind: "refuse" };

interface Story extends PlannedStory {
  readonly deeds: readonly Deed[];
}

const paths = fc.constantFrom("a", "b", "c/d", "c/e");
const deed: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.record({
      kind: fc.constantFrom("read", "write", "append", "delete"),
      path: paths,
    }),
  },
  { weight: 1, arbitrary: fc.constant<Deed>({ kind: "list" }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("fail", "deny", "refuse") }) },
);
const plans: fc.Arbitrary<readonly Story[]> = fc
  .array(fc.tuple(fc.array(deed, { minLength: 1, maxLength: 3 }), fc.nat({ max: 12 })), {
    minLength: 2,
    maxLength: 6,
  })
  .map((drawn) =>
    drawn.map(([deeds, need], index) => ({
      id: `ST-${index + 1}`,
      needs: need < index ? [`ST-${need + 1}`] : [],
      deeds,
    })),
  );
const before = { a: "first a", "c/d": "first d" };
const serially = { workers: 1, allowStale: false, rule: "read-set" as const };

/** Counts how often each story is asked for, and lets others go first as often as it is told. */
function implementer(
  stories: readonly Story[],
  how: { readonly pauses?: readonly number[]; readonly onAsked?: (story: string) => void } = {},
): Implementer["implement"] {
  const { pauses = [], onAsked = () => undefined } = how;
  let paused = 0;
  return async function* ({ workspace, story }): AsyncGenerator<AgentEvent> {
    const deeds = stories.find(({ id }) => id === story.id)?.deeds ?? [];
    const seen: string[] = [story.id];
    for (const done of deeds) {
      for (let left = pauses[paused++ % pauses.length] ?? 0; left > 0; left -= 1)
        await Promise.resolve();
      onAsked(story.id);
      yield { kind: "progress", message: done.kind };
      const reason = seen.join("\n");
      if (done.kind === "fail") {
        yield { kind: "failed", reason, retryable: true };
        return;
      }
      if (done.kind === "deny") {
        const denial = { code: "AUTOSD-ACTION-DENIED", action: "git push", remedy: reason };
        yield { kind: "failed", reason, retryable: false, denial };
        return;
      }
      if (done.kind === "refuse") {
        yield { kind: "unimplemented", reason, sentences: [] };
        return;
      }
      if (done.kind === "list") seen.push(...(await workspace.list()));
      else if (done.kind === "delete") await workspace.remove(done.path);
      else {
        const bytes = done.kind === "write" ? undefined : await workspace.read(done.path);
        if (bytes !== undefined) seen.push(new TextDecoder().decode(bytes));
        if (done.kind !== "read") await workspace.write(done.path, sha256(seen.join("\n")));
      }
    }
    yield {
      kind: "proposal",
      proposal: { summary: "done", acceptanceTests: [], changedTests: [] },
    };
  };
}

const settings = fc.record({
  workers: fc.integer({ min: 2, max: 4 }),
  rule: fc.constantFrom("read-set" as const, "workspace" as const),
});
const pauses = fc.array(fc.nat({ max: 40 }), { minLength: 1, maxLength: 12 });

it("ends every story as one after the other would, whatever they read, write, delete, refuse or are denied", async () => {
  await fc.assert(
    fc.asyncProperty(plans, settings, pauses, async (stories, how, when) => {
      const serial = new MemoryYard(before);
      await serial.build(stories, serially, implementer(stories));
      const parallel = new MemoryYard(before);
      const facts = await parallel.build(
        stories,
        { ...how, allowStale: false },
        implementer(stories, { pauses: when }),
      );
      expect(parallel.ends).toEqual(serial.ends);
      expect(parallel.open).toBe(0);
      // The report says what the journal says.
      for (const [story, { decision, because }] of facts)
        expect(
          parallel.records.filter((one) => one.story === story && one.kind === "prefetch"),
        ).toEqual([expect.objectContaining({ decision, because })]);
    }),
    { numRuns: 100 },
  );
});

class Dead extends Error {}

function factsIn(
  told: AheadFacts | Extract<JournalRecord, { readonly kind: "prefetch" }> | undefined,
): Partial<AheadFacts> {
  return told === undefined ? {} : { decision: told.decision, because: told.because };
}

it("goes on to the same end when it dies anywhere, in taking over, merging or filling too", async () => {
  await fc.assert(
    fc.asyncProperty(
      plans,
      fc.array(settings, { minLength: 1, maxLength: 3 }),
      pauses,
      fc.array(fc.nat({ max: 30 }), { minLength: 1, maxLength: 4 }),
      async (stories, how, when, deaths) => {
        const serial = new MemoryYard(before);
        await serial.build(stories, serially, implementer(stories));
        const mortal = new MemoryYard(before);
        const lives = [...deaths, Infinity];
        let ended = 0;
        let facts: ReadonlyMap<string, AheadFacts> = new Map();
        for (const [life, lifetime] of lives.entries()) {
          let steps = 0;
          mortal.onStep = (step) => {
            steps += 1;
            if (steps > lifetime) throw new Dead(step);
          };
          ended = mortal.ends.length;
          const build = mortal.build(
            stories,
            { workers: 2, rule: "read-set", ...how[life % how.length], allowStale: false },
            implementer(stories, { pauses: when }),
          );
          try {
            facts = await build;
          } catch (error) {
            if (!(error instanceof Dead)) throw error;
          }
        }
        expect(mortal.ends).toEqual(serial.ends);
        expect(mortal.open).toBe(0);
        // Whatever an earlier life has thrown away is reported by the one that makes it again.
        for (const { story } of mortal.ends.slice(ended)) {
          const records = mortal.records.filter((one) => one.story === story);
          const decided = records.findLast((one) => one.kind === "prefetch");
          expect(factsIn(facts.get(story))).toEqual(factsIn(decided));
        }
      },
    ),
    { numRuns: 100 },
  );
});

it("ends the run with a provider's error only at its story's turn, and goes on to the same end", async () => {
  await fc.assert(
    fc.asyncProperty(
      plans,
      settings,
      pauses,
      fc.nat({ max: 5 }),
      async (stories, how, when, nth) => {
        const serial = new MemoryYard(before);
        await serial.build(stories, serially, implementer(stories));
        const down = stories[nth % stories.length]?.id;
        const yard = new MemoryYard(before);
        const parallel = { ...how, allowStale: false };
        const refused = yard.build(
          stories,
          parallel,
          implementer(stories, {
            pauses: when,
            onAsked: (story) => {
              if (story === down) throw new Error("HTTP 500");
            },
          }),
        );
        const error: unknown = await refused.then(
          () => undefined,
          (reason: unknown) => reason,
        );
        // What comes before it is done; a story that waits for a refused one is never asked for.
        const ended = serial.ends.findIndex(({ story }) => story === down);
        if (ended === -1) expect(error).toBeUndefined();
        else expect(error).toEqual(new Error("HTTP 500"));
        expect(yard.ends).toEqual(ended === -1 ? serial.ends : serial.ends.slice(0, ended));
        expect(yard.open).toBe(0);
        await yard.build(stories, parallel, implementer(stories, { pauses: when }));
        expect(yard.ends).toEqual(serial.ends);
      },
    ),
    { numRuns: 100 },
  );
});
