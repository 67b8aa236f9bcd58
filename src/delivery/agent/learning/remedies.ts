import type { FailureClass } from "./failure-class.ts";

/**
 * A line that may be added to a template, written and reviewed like the templates themselves. What
 * journals hold decides which one is proposed, and never what it says.
 */
export interface Remedy {
  /** `quote-more-lines`; in change logs for good. */
  readonly id: string;
  readonly against: FailureClass;
  /** Names of the templates that it is for. */
  readonly templates: readonly string[];
  readonly line: string;
  /** What is expected of it: a guess, to be held against the next figures. */
  readonly expectation: string;
}

const implement = ["implement"] as const;
const planning = ["design", "platform", "refine", "refine-existing"] as const;

function fewer(what: string): string {
  return `fewer ${what}, and fewer answers paid for them`;
}

/** The whole catalogue; at most one remedy a class and template. */
export const remedies: readonly Remedy[] = [
  {
    id: "quote-more-lines",
    against: "edit-ambiguous",
    templates: implement,
    line: "In `replace`, quote as many lines around the place in `old` as make it the only one in the file.",
    expectation: fewer("edits refused because their text fits several places"),
  },
  {
    id: "quote-as-it-is",
    against: "edit-absent",
    templates: implement,
    line: "Read the lines before you `replace` them, and quote them in `old` as they are in the file.",
    expectation: fewer("edits refused because their text is not in the file"),
  },
  {
    id: "change-something",
    against: "edit-empty",
    templates: implement,
    line: "`old` in `replace` is never empty and never equal to `new`; a whole file is `write`.",
    expectation: fewer("edits that would change nothing"),
  },
  {
    id: "right-arguments",
    against: "arguments-refused",
    templates: implement,
    line: "Give each tool the arguments of its schema and no others, numbers as numbers and lists as lists.",
    expectation: fewer("calls refused for their arguments"),
  },
  {
    id: "listed-tools",
    against: "unknown-tool",
    templates: implement,
    line: "There are no tools but those you are given; everything else is a command for `run`.",
    expectation: fewer("calls of tools that do not exist"),
  },
  {
    id: "list-before-read",
    against: "file-absent",
    templates: implement,
    line: "Paths are relative to the project's folder; `list` says which files there are.",
    expectation: fewer("calls for files that are not there"),
  },
  {
    id: "read-once",
    against: "read-again",
    templates: implement,
    line: "What you have read is still there above: read again only what has changed since.",
    expectation: fewer("texts read twice"),
  },
  {
    id: "commands-that-end",
    against: "command-timeout",
    templates: implement,
    line: "Every command must end by itself: no watch mode, no server in the foreground.",
    expectation: fewer("commands stopped after minutes"),
  },
  {
    id: "small-steps",
    against: "answer-cut",
    templates: implement,
    line: "Write a long file in several answers: a `write` of its first part, then `replace` to go on.",
    expectation: fewer("answers cut at their longest length"),
  },
  {
    id: "always-a-call",
    against: "idle-answer",
    templates: implement,
    line: "Every answer calls a tool; words alone change nothing.",
    expectation: fewer("answers that call no tool"),
  },
  {
    id: "done-with-tests",
    against: "done-refused",
    templates: implement,
    line: "Before `done` the files are changed and the tests of the criteria exist; `acceptanceTests` names them by their paths.",
    expectation: fewer("claims that are refused on sight"),
  },
  {
    id: "something-else",
    against: "no-progress",
    templates: implement,
    line: "When the same thing fails twice, read what it says and do something else; never repeat a call that showed nothing new.",
    expectation: fewer("attempts that end without progress"),
  },
  {
    id: "parts-of-files",
    against: "context-outgrown",
    templates: implement,
    line: "Read large files in parts (`from`, `to`) and keep the output of commands short.",
    expectation: fewer("attempts that outgrow the model's context"),
  },
  {
    id: "call-done",
    against: "never-done",
    templates: implement,
    line: "The story ends with a call of `done`, also when a part of it cannot be done.",
    expectation: fewer("attempts that stop without a word"),
  },
  {
    id: "lockfile-in-step",
    against: "gate-install",
    templates: implement,
    line: "When package.json or requirements.txt changes, its lockfile changes with it, by the package manager.",
    expectation: fewer("proposals with a red install gate"),
  },
  {
    id: "format-before-done",
    against: "gate-format",
    templates: implement,
    line: "Run the project's formatter over every file you wrote before `done`; its gate is exact.",
    expectation: fewer("proposals with a red format gate"),
  },
  {
    id: "lint-before-done",
    against: "gate-lint",
    templates: implement,
    line: "Run the project's linter before `done` and mend what it says; warnings count.",
    expectation: fewer("proposals with a red lint gate"),
  },
  {
    id: "types-before-done",
    against: "gate-types",
    templates: implement,
    line: "Run the project's type check before `done`, over the tests too.",
    expectation: fewer("proposals with a red types gate"),
  },
  {
    id: "all-tests-before-done",
    against: "gate-tests",
    templates: implement,
    line: "After your last change run all tests of the project, not only yours, and see the exit code 0 before `done`.",
    expectation: fewer("proposals with a red tests gate"),
  },
  {
    id: "a-test-a-criterion",
    against: "gate-acceptance",
    templates: implement,
    line: "Check before `done` that each criterion id begins the name of a test that your change alone makes pass.",
    expectation: fewer("proposals without a test for a criterion"),
  },
  {
    id: "new-tests-beside",
    against: "gate-test-integrity",
    templates: implement,
    line: "Leave existing tests and their assertions word for word; put new tests beside them.",
    expectation: fewer("proposals that weaken a test"),
  },
  {
    id: "plain-examples",
    against: "gate-secrets",
    templates: implement,
    line: "Values in examples and tests must not look like keys or tokens: write `example`.",
    expectation: fewer("proposals that hold what looks like a secret"),
  },
  {
    id: "docs-in-step",
    against: "gate-docs",
    templates: implement,
    line: "README.md says what the project does now: change it with what users see.",
    expectation: fewer("proposals with a red docs gate"),
  },
  {
    id: "json-alone",
    against: "answer-not-json",
    templates: planning,
    line: "The answer begins with `{` and ends with `}`: no words around it, no code fence, no comments in it.",
    expectation: fewer("answers that are no JSON object"),
  },
  {
    id: "plan-in-few-words",
    against: "answer-cut",
    templates: planning,
    line: "Keep every text to one short sentence, so that the answer has an end.",
    expectation: fewer("answers cut at their longest length"),
  },
  {
    id: "every-sentence-once",
    against: "answer-refused",
    templates: ["refine", "refine-existing"],
    line: "Before you answer, go through the sentence ids in order: each is in a story or in `notCovered`, and every id you name exists.",
    expectation: fewer("refinements asked for twice"),
  },
  {
    id: "known-ids-only",
    against: "answer-refused",
    templates: ["design", "platform"],
    line: "Before you answer, check that every id you name is one you were given and that none is missing.",
    expectation: fewer("answers asked for twice"),
  },
];
