import { expect, test } from "vitest";
import type { RunResult } from "../../engine/autosd.ts";
import { answeringEngine, incompleteResult, verifiedResult } from "../example-answers.ts";
import { createMemoryContext, runInMemory } from "../memory-context.ts";
import { displayWidth } from "../text-width.ts";
import { renderSummary } from "./summary.ts";
import { renderTable } from "./table.ts";

const piped = createMemoryContext().context.stdout;
const terminal = (columns: number, color = false) =>
  createMemoryContext({}, { isTerminal: true, columns, color }).context.stdout;

test("tells what was built, what was not and why, and what to do", () => {
  expect(renderSummary(incompleteResult, piped)).toMatchInlineSnapshot(`
    "
    ✗ incomplete  Task service
      1 of 3 stories · 1 commit · 15 tests · 1m05s

      Start it
        cd /here/app
        npm ci
        npm start

      Built
        ✓ ST-1   Create a task  3f2a1c9e

      Not built
        ✗ ST-2   Delete a task
                 tests is red: AC-2.1 deletes a task: expected 204, got 500
                 S2 “A user can delete a task.”
        – ST-3   Send a reminder
                 There is no building block for e-mail.
                 S3 “Every morning the user gets an e-mail with the tasks.”

      Not green
        ✗ tests is red: 1 of 15 tests failed

      More
        folder    /here/app
        evidence  /here/app/.autosd
        head      3f2a1c9e
        run       run_01
        time      install 12s, gates 45s, autosd 8.0s
        resume    autosd runs resume run_01
    "
  `);
});

test("is short when everything is verified", () => {
  expect(renderSummary(verifiedResult, piped)).toMatchInlineSnapshot(`
    "
    ✓ verified  Task service
      1 of 1 stories · 1 commit · 15 tests · 1m05s

      Start it
        cd /here/app
        npm ci
        npm start

      Built
        ✓ ST-1   Create a task  3f2a1c9e

      More
        folder    /here/app
        evidence  /here/app/.autosd
        head      3f2a1c9e
        run       run_01
        time      install 12s, gates 45s, autosd 8.0s
    "
  `);
});

test("lists what will be built when a run stopped after the plan", () => {
  const planned: RunResult = {
    ...verifiedResult,
    outcome: "planned",
    howToStart: [],
    stories: verifiedResult.stories.map((story) => ({
      ...story,
      status: "ready",
      commit: undefined,
    })),
    projectGates: [],
    head: undefined,
  };
  const text = renderSummary(planned, piped);
  expect(text).toContain("To build\n    · ST-1   Create a task");
  expect(text).not.toContain("Start it");
  expect(text).not.toContain("Not built");
});

test("quotes a folder as a shell needs it, and shows no control characters", () => {
  const text = renderSummary(
    { ...verifiedResult, directory: "/it's here", title: "a\u001b]0;x\u0007b" },
    piped,
  );
  expect(text).toContain("cd '/it'\\''s here'");
  expect(text).not.toMatch(/\u001b|\u0007/);
});

test("stays within a narrow terminal, wide characters included", () => {
  const wide: RunResult = {
    ...incompleteResult,
    directory: "/a",
    howToStart: [],
    stories: incompleteResult.stories.map((story) => ({
      ...story,
      title: "タスクを作成する".repeat(5),
      reason: story.reason === undefined ? undefined : "ok ".repeat(30),
    })),
  };
  const lines = renderSummary(wide, terminal(50)).split("\n");
  const facts = lines.filter((line) => !line.includes("time") && !line.includes("·"));
  facts.forEach((line) => expect(displayWidth(line)).toBeLessThanOrEqual(50));
});

test("cuts the widest column of a table on a terminal, and nothing in a pipe", () => {
  const rows = [["1", "a".repeat(60), "b".repeat(30)]];
  const shown = renderTable(["#", "Long", "Shorter"], rows, terminal(40)).split("\n");
  shown.forEach((line) => expect(displayWidth(line)).toBeLessThanOrEqual(40));
  expect(renderTable(["#", "Long", "Shorter"], rows, piped)).toContain("a".repeat(60));
});

test.each([
  [["backlog", "show"]],
  [["sprint", "metrics"]],
  [["sprint", "review"]],
  [["runs", "list"]],
  [["runs", "show", "run_01"]],
  [["projects", "list"]],
  [["projects", "status", "tasks"]],
  [["doctor"]],
])("shows %j as people know it", async (args) => {
  expect((await runInMemory(args, answeringEngine())).stdout).toMatchSnapshot();
});

test.each([
  { args: ["backlog", "show"] },
  { args: ["sprint", "review"] },
  { args: ["projects", "status", "tasks"] },
])("marks what $args tells of a folder that this home has not proven", async ({ args }) => {
  const engine = answeringEngine();
  const foreign = <T extends object>(record: T) => ({ ...record, provenHere: false });
  const unproven: typeof engine = {
    ...engine,
    backlog: {
      ...engine.backlog,
      show: async (folder) => foreign(await engine.backlog.show(folder)),
    },
    sprint: {
      ...engine.sprint,
      review: async (folder) => foreign(await engine.sprint.review(folder)),
    },
    projects: {
      ...engine.projects,
      status: async (id) => {
        const status = await engine.projects.status(id);
        return {
          ...status,
          backlog: status.backlog === undefined ? undefined : foreign(status.backlog),
        };
      },
    },
  };
  expect((await runInMemory(args, engine)).stdout).not.toContain("Not proven here");
  const shown = await runInMemory(args, unproven);
  expect(shown.stdout).toContain("Not proven here: this is what the folder says.");
  expect((await runInMemory([...args, "--json"], unproven)).stdout).toMatch(/"provenHere": ?false/);
});

test("says what was asked of the whole product and is not proven", () => {
  const notProven = [
    {
      kind: "performance" as const,
      statement: "It must be fast.",
      sentences: ["S9"],
      criteria: [],
      reason: "it states nothing that a test could measure",
    },
  ];
  const text = renderSummary({ ...verifiedResult, notProven }, piped);
  expect(text).toContain("Not proven\n    ? S9 “It must be fast.”\n");
  expect(text).toContain("it states nothing that a test could measure");
  expect(renderSummary(verifiedResult, piped)).not.toContain("Not proven");
});

test("a run whose story went without something that was denied says so, though all is verified", () => {
  const denial = { code: "AUTOSD-ACTION-DENIED", action: "git push", remedy: "Push it yourself." };
  const stories = verifiedResult.stories.map((story, at) =>
    at === 0 ? { ...story, denials: [denial] } : story,
  );
  const text = renderSummary({ ...verifiedResult, stories }, piped);
  expect(text).toContain("verified");
  expect(text.replaceAll(/\s+/g, " ")).toContain(
    "Denied ! ST-1 asked for git push, which was denied and not done (AUTOSD-ACTION-DENIED). Push it yourself.",
  );
  expect(renderSummary(verifiedResult, piped)).not.toContain("Denied");
});
