import fc from "fast-check";
import { expect, test } from "vitest";
import type { RunEvent } from "../../engine/autosd.ts";
import { exampleCommit, shownEvidence } from "../example-answers.ts";
import { createMemoryContext, type MemoryTerminal } from "../memory-context.ts";
import { displayWidth } from "../text-width.ts";
import { startProgress } from "./progress.ts";

const story = (position: number, title: string): RunEvent => ({
  kind: "story-started",
  storyId: `ST-${position}`,
  title,
  position,
  total: 2,
  attempt: position,
});
const ended = (position: number, title: string, reason?: string): RunEvent => ({
  kind: "story-ended",
  storyId: `ST-${position}`,
  title,
  status: reason === undefined ? "done" : "failed",
  commit: reason === undefined ? exampleCommit : undefined,
  reason,
  durationMs: 5_300,
});
const gate = (name: string): RunEvent => ({ kind: "gate-started", gate: name });
const green = (name: string): RunEvent => ({
  kind: "gate-finished",
  evidence: shownEvidence(name),
});
const red: RunEvent = {
  kind: "gate-finished",
  evidence: shownEvidence("tests", { verdict: "red", finding: "AC-2.1 got 500" }),
};

/** What a terminal shows after the text: enough of one for what the live lines use. */
function screenAfter(text: string): {
  readonly lines: readonly string[];
  readonly cursor: boolean;
} {
  const lines = [""];
  let row = 0;
  let cursor = true;
  for (const [piece] of text.matchAll(/\u001b\[\??[0-9]*[A-Za-z]|[\r\n]|[^\u001b\r\n]+/g)) {
    if (piece === "\n") {
      row += 1;
      lines[row] ??= "";
    } else if (piece === "\r") {
      // The next text or erasure begins the line anew.
    } else if (piece === "\u001b[J") {
      lines.length = row + 1;
      lines[row] = "";
    } else if (piece.startsWith("\u001b") && piece.endsWith("A")) {
      row -= Number(piece.slice(2, -1));
      expect(row).toBeGreaterThanOrEqual(0);
    } else if (piece === "\u001b[?25l" || piece === "\u001b[?25h") {
      cursor = piece.endsWith("h");
    } else if (!piece.startsWith("\u001b")) {
      lines[row] = `${lines[row] ?? ""}${piece}`;
    }
  }
  return { lines: lines.map((line) => line.trimEnd()), cursor };
}

function watched(terminal: MemoryTerminal) {
  const memory = createMemoryContext({}, terminal);
  return { ...memory, progress: startProgress(memory.context) };
}

test("tells one plain line an event where nothing can be painted over", () => {
  const { progress, tick, stderr, stdout } = watched({});
  progress.observe({ kind: "phase", phase: "refine", detail: "spec.md" });
  tick(1_500);
  progress.observe(story(2, "Delete \u001b[31ma task"));
  progress.observe(gate("tests"));
  tick(65_000);
  progress.observe(red);
  progress.observe(ended(2, "Delete", "tests is red"));
  progress.observe(ended(1, "Create"));
  progress.observe({ kind: "notice", message: "careful" });
  progress.close();
  expect(stdout()).toBe("");
  expect(stderr()).toMatchInlineSnapshot(`
    "[0ms] refine: spec.md
    [1.5s] story 2/2 ST-2 Delete �[31ma task, attempt 2
    [1m07s]   gate tests red in 1.2s: AC-2.1 got 500
    [1m07s] ST-2 is failed after 5.3s: tests is red
    [1m07s] ST-1 is done as 3f2a1c9e after 5.3s
    [1m07s] note: careful
    "
  `);
});

test("paints what is being done now, and leaves behind what is finished", () => {
  const { progress, tick, stderr } = watched({ isTerminal: true, columns: 60 });
  progress.observe({ kind: "phase", phase: "refine", detail: "spec.md" });
  tick(100);
  expect(screenAfter(stderr()).lines).toEqual(["⠙ refine: spec.md"]);
  progress.observe(story(1, "Create a task"));
  progress.observe(gate("install"));
  progress.observe(green("install"));
  progress.observe(gate("tests"));
  progress.observe({ kind: "activity", message: "vitest run" });
  tick(3_000);
  expect(screenAfter(stderr())).toEqual({
    lines: ["⠙ 1/2 ST-1 Create a task  3.0s", "    install ✓  tests ⠙  3.0s", "    vitest run"],
    cursor: false,
  });
  progress.observe(ended(1, "Create a task"));
  progress.observe(story(2, "Delete a task"));
  progress.observe(red);
  tick(100);
  expect(screenAfter(stderr()).lines).toEqual([
    "✓ ST-1 Create a task  3f2a1c9e  5.3s",
    "    tests red AC-2.1 got 500",
    "⠹ 2/2 ST-2 Delete a task  attempt 2",
    "    tests ✗",
  ]);
  progress.observe(ended(2, "Delete a task", "tests is red"));
  progress.close();
  expect(screenAfter(stderr())).toEqual({
    lines: [
      "✓ ST-1 Create a task  3f2a1c9e  5.3s",
      "    tests red AC-2.1 got 500",
      "✗ ST-2 Delete a task  5.3s  failed",
      "  tests is red",
      "",
    ],
    cursor: true,
  });
});

test("paints at most once a tick, however many events there are", () => {
  const { progress, tick, stderr } = watched({ isTerminal: true });
  for (let index = 0; index < 1_000; index += 1)
    progress.observe({ kind: "activity", message: `step ${index}` });
  tick(100);
  expect(stderr().length).toBeLessThan(200);
  expect(screenAfter(stderr()).lines).toEqual(["⠙ step 999"]);
});

test("gives the cursor back when the process ends in the middle, and only once", () => {
  const { progress, exit, stderr } = watched({ isTerminal: true });
  progress.observe(story(1, "x"));
  expect(exit()).toBe(1);
  progress.close();
  progress.close();
  expect(stderr().split("\u001b[?25h")).toHaveLength(2);
});

const anyText = fc.string({ unit: "grapheme", maxLength: 40 });
const anyEvent: fc.Arbitrary<RunEvent> = fc.oneof(
  fc.record({ kind: fc.constant("phase" as const), phase: anyText, detail: anyText }),
  fc.record({ kind: fc.constant("activity" as const), message: anyText }),
  fc.record({ kind: fc.constant("notice" as const), message: anyText }),
  anyText.map(gate),
  anyText.map(green),
  fc.constant(red),
  anyText.map((title) => story(1, title)),
  fc
    .tuple(anyText, fc.option(anyText, { nil: undefined }))
    .map(([title, reason]) => ended(1, title, reason)),
);

test("fits every line into the terminal, whatever the events and however narrow it is", () => {
  fc.assert(
    fc.property(
      fc.array(anyEvent, { maxLength: 20 }),
      fc.integer({ min: 1, max: 90 }),
      (events, columns) => {
        const { progress, tick, stderr } = watched({ isTerminal: true, columns });
        for (const event of events) {
          progress.observe(event);
          tick(700);
        }
        progress.close();
        for (const line of screenAfter(stderr()).lines)
          expect(displayWidth(line)).toBeLessThanOrEqual(Math.max(columns - 1, 1));
        expect(screenAfter(stderr()).cursor).toBe(true);
      },
    ),
    // A reason that ends like a code of the terminal.
    { examples: [[[ended(1, "", "!A")], 5]] },
  );
});
