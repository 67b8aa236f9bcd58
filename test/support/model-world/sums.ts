import type {
  Model,
  ModelAnswer,
  ModelRequest,
} from "../../../src/delivery/agent/model/model.port.ts";
import type { Planner } from "../../../src/delivery/agent/planner.port.ts";

export const sumsRequirements = "Two numbers can be added.\n\nTwo numbers can be multiplied.";

/** Two stories: a project that adds, then multiplication. */
export const sumsPlanner: Planner = {
  kind: "model",
  refine: async (document) => ({
    schema: "autosd/refined-requirements@1",
    source: { name: document.source, digest: document.digest },
    title: "Sums",
    brief: "Sums.",
    stories: document.sentences.map((sentence, index) => ({
      id: `ST-${index + 1}`,
      title: sentence.text,
      ...{ asA: "person", iWant: "sums", soThat: "I can count" },
      criteria: [
        { id: `AC-${index + 1}.1`, given: "two numbers", when: "it is called", then: "the result" },
      ],
      sentences: [sentence.id],
      origin: "requirements" as const,
      dependsOn: index === 0 ? [] : ["ST-1"],
      points: 1,
      priority: "must" as const,
      features: [],
    })),
    ...{ personas: [], nonfunctional: [], ambiguities: [], contradictions: [], stack: [] },
    ...{ missingConstraints: [], edgeCases: [], externalDependencies: [], assumptions: [] },
    notCovered: [],
  }),
  choosePlatform: async () => ({
    platform: "node",
    why: "it fits",
    startCommands: ["npm start"],
    components: [],
  }),
  designDocument: async () => "# Design\n",
};

/** The same stories; none waits for the other. */
export const apartPlanner: Planner = {
  ...sumsPlanner,
  async refine(document, signal) {
    const refined = await sumsPlanner.refine(document, signal);
    return { ...refined, stories: refined.stories.map((story) => ({ ...story, dependsOn: [] })) };
  },
};

/** A call of a tool: its name and what it is given. */
export type Call = readonly [tool: string, given: unknown];

/** Each answer's calls, one list a turn; an empty list is an answer without calls. */
export type Turns = readonly (readonly Call[])[];

const addTest = `import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { add } from "../src/main.js";

describe("add", () => {
  it("AC-1.1 adds two numbers", () => {
    assert.equal(add(1, 2), 3);
    assert.equal(add(-1, 1), 0);
  });
});
`;

/** A project made well, with a look at what its tests say. */
export const honestFirst: Turns = [
  [["list", {}]],
  [
    [
      "write",
      {
        path: "package.json",
        content: JSON.stringify(
          {
            name: "sums",
            version: "0.1.0",
            private: true,
            type: "module",
            scripts: {
              start: "node src/main.js",
              lint: "node --check src/main.js",
              test: "node --test",
            },
          },
          null,
          2,
        ),
      },
    ],
    [
      "write",
      {
        path: "README.md",
        content: "# Sums\n\nStart it with `npm start`, test it with `npm test`.\n",
      },
    ],
    ["write", { path: "test/add.test.js", content: addTest }],
    [
      "write",
      { path: "src/main.js", content: "export function add(a, b) {\n  return a - b;\n}\n" },
    ],
  ],
  [["run", { command: "npm test" }]],
  [["replace", { path: "src/main.js", old: "return a - b;", new: "return a + b;" }]],
  [["run", { command: "npm test && echo checked > notes.txt" }]],
  [["done", { summary: "adds", acceptanceTests: ["test/add.test.js"] }]],
];

const multiplyTest = `import assert from "node:assert/strict";
import { it } from "node:test";
import { multiply } from "../src/multiply.js";

it("AC-2.1 multiplies two numbers", () => {
  assert.equal(multiply(2, 3), 6);
});
`;

/** The second story's product as calls; `source` is what multiplies. */
export function multiplication(source = "a * b"): readonly Call[] {
  return [
    [
      "write",
      { path: "src/multiply.js", content: `export const multiply = (a, b) => ${source};\n` },
    ],
    ["write", { path: "test/multiply.test.js", content: multiplyTest }],
  ];
}

export const claim: Call = [
  "done",
  {
    summary: "All tests pass.",
    acceptanceTests: ["test/multiply.test.js"],
    changedTests: ["test/add.test.js", "package.json"],
  },
];

/** The same product for every attempt at the second story. */
export const honestSecond: Turns = [multiplication(), [["run", { command: "npm test" }]], [claim]];

/** How many answers a conversation holds: the place of the next one. */
export function placeIn(request: ModelRequest): number {
  return request.messages.filter((one) => one.role === "assistant").length;
}

/** The turns of the story that a request is about; after the last one its claim again. */
export function nextCalls(request: ModelRequest, second: Turns): readonly Call[] {
  const [first] = request.messages;
  const turns = first?.role === "user" && first.text.includes("ST-2:") ? second : honestFirst;
  return turns[Math.min(placeIn(request), turns.length - 1)] ?? [];
}

/** A model that is a function, without a network. */
export function functionModel(calls: (request: ModelRequest) => readonly Call[]): Model {
  let number = 0;
  return {
    provider: "openai-compatible",
    name: "scripted",
    answer: async (request) => {
      number += 1;
      return answerOf(calls(request), number);
    },
  };
}

function answerOf(calls: readonly Call[], number: number): ModelAnswer {
  return {
    text: "All tests pass: 12 passed, 0 failed.",
    toolCalls: calls.map(([name, given], index) => ({
      id: `call_${number}_${index}`,
      name,
      arguments: given,
    })),
    finish: calls.length > 0 ? "tool-calls" : "stop",
    usage: { inputTokens: 1_000, outputTokens: 100, cachedInputTokens: undefined },
    facts: { latencyMs: 0, retries: 0, waitedMs: 0, responseId: undefined },
  };
}
