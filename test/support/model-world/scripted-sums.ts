import type { ModelCall, ModelScript } from "../model-server/script.ts";
import { say } from "../model-server/script.ts";
import { honestFirst, multiplication, type Turns } from "./sums.ts";

/** A product of three stories, each of which a sentence asks for. */
export const sumsDocument = [
  "# Sums",
  "Two numbers can be added.",
  "Two numbers can be multiplied.",
  "A number can be divided by another one; division by zero is refused.",
  "It is for people who have no fingers free.",
].join("\n\n");

const add = {
  id: "ST-1",
  title: "Add two numbers",
  asA: "person who counts",
  iWant: "the sum of two numbers",
  soThat: "nobody has to count on fingers",
  criteria: [{ given: "the numbers 1 and 2", when: "they are added", then: "3 is the result" }],
  sentences: ["S1"],
  dependsOn: [] as readonly string[],
  points: 1,
  priority: "must",
};
const multiply = {
  ...add,
  id: "ST-2",
  title: "Multiply two numbers",
  iWant: "the product of two numbers",
  criteria: [{ given: "2 and 3", when: "they are multiplied", then: "6 is the result" }],
  sentences: ["S2"],
  dependsOn: ["ST-1"],
};
const divide = {
  ...add,
  id: "ST-3",
  title: "Divide two numbers",
  iWant: "the quotient of two numbers",
  criteria: [
    { given: "6 and 3", when: "they are divided", then: "2 is the result" },
    { given: "6 and 0", when: "they are divided", then: "a RangeError is thrown" },
  ],
  sentences: ["S3"],
  dependsOn: ["ST-1"],
};

const refinement = {
  title: "Sums",
  brief: "A library that counts, for people who have no fingers free.",
  personas: [{ name: "person who counts", needs: "to get results that are right" }],
  stories: [add, multiply, divide],
  nonfunctional: [],
  ambiguities: [],
  contradictions: [],
  missingConstraints: ["How large numbers may be is not said."],
  edgeCases: [{ text: "Division by zero", stories: ["ST-3"] }],
  externalDependencies: [],
  assumptions: [],
  stack: [],
  notCovered: [{ sentence: "S4", kind: "context", reason: "says whom it is for" }],
};

const platform = {
  platform: "library",
  why: "ST-1 to ST-3 are functions for other programs",
  startCommands: [],
  components: [
    { name: "sums", role: "adds" },
    { name: "products", role: "multiplies and divides" },
  ],
};

const design = {
  context: "A library without dependencies.",
  data: [],
  operations: [
    { name: "add(a, b)", behaviour: "gives the sum", stories: ["ST-1"] },
    { name: "multiply(a, b)", behaviour: "gives the product", stories: ["ST-2"] },
    { name: "divide(a, b)", behaviour: "gives the quotient, refuses zero", stories: ["ST-3"] },
  ],
  errorHandling: ["Division by zero throws a RangeError."],
  security: ["Nothing is read and nothing is kept."],
  storage: "Nothing is kept.",
  decisions: [],
};

const divideTest = `import assert from "node:assert/strict";
import { it } from "node:test";
import { divide } from "../src/divide.js";

it("AC-3.1 divides two numbers", () => {
  assert.equal(divide(6, 3), 2);
});

it("AC-3.2 refuses to divide by zero", () => {
  assert.throws(() => divide(6, 0), RangeError);
});
`;

const divideSource = `export function divide(a, b) {
  if (b === 0) throw new RangeError("division by zero");
  return a / b;
}
`;

/** What only commands make: a link, a mode, bytes that are no text. */
const oddFiles = [
  "mkdir bin",
  "printf '#!/bin/sh\\n' > bin/sum && chmod +x bin/sum",
  "ln -s ../src/main.js bin/main.js",
  "printf '\\377\\000\\376' > bin/sums.dat",
].join(" && ");

const turns: Readonly<Record<string, Turns>> = {
  "ST-1": honestFirst,
  "ST-2": [
    multiplication(),
    // What the command's surroundings hold goes into the conversation: the provider's key must not.
    [["run", { command: "npm test && env" }]],
    [["done", { summary: "multiplies", acceptanceTests: ["test/multiply.test.js"] }]],
  ],
  "ST-3": [
    [
      ["write", { path: "src/divide.js", content: divideSource }],
      ["write", { path: "test/divide.test.js", content: divideTest }],
    ],
    [["run", { command: `npm test && ${oddFiles}` }]],
    [["done", { summary: "divides", acceptanceTests: ["test/divide.test.js"] }]],
  ],
};

/** What builds a story of `sumsDocument`, without what is said besides; of another story nothing. */
export function sumsTurns(story: string): Turns {
  return turns[story] ?? [];
}

/** How often a run without a mishap asks: three questions of planning, then each turn of each story. */
export const sumsCalls = 3 + Object.values(turns).reduce((sum, story) => sum + story.length, 0);

interface Product {
  readonly refinement: unknown;
  readonly design: unknown;
  readonly turns: Readonly<Record<string, Turns>>;
}

/**
 * A model that plans the document and builds its stories; what it is asked besides goes to
 * `unexpected` and is answered with nothing of use.
 */
export function sumsModel(unexpected: (call: ModelCall) => void): ModelScript {
  return scripted({ refinement, design, turns }, unexpected);
}

/** The smallest product there is: one sentence, one story. */
export const oneSumDocument = "# Sums\n\nTwo numbers can be added.\n";

const oneSum: Product = {
  refinement: { ...refinement, stories: [add], edgeCases: [], notCovered: [] },
  design: { ...design, operations: design.operations.slice(0, 1) },
  turns: {
    "ST-1": [
      [...(honestFirst[1] ?? []), ...(honestFirst[3] ?? [])],
      [["run", { command: "npm test" }]],
      [["done", { summary: "adds", acceptanceTests: ["test/add.test.js"] }]],
    ],
  },
};

/** How often a run without a mishap asks for it. */
export const oneSumCalls = 6;

/** A model for `oneSumDocument`. */
export function oneSumModel(unexpected: (call: ModelCall) => void): ModelScript {
  return scripted(oneSum, unexpected);
}

function scripted(product: Product, unexpected: (call: ModelCall) => void): ModelScript {
  return (call) => {
    const first = call.turns.find((turn) => turn.role === "user")?.text ?? "";
    const story = /^# Story\n(ST-\d+):/.exec(first)?.[1];
    const place = call.turns.filter((turn) => turn.role === "assistant").length;
    if (call.tools.length === 0 && place === 0) {
      if (/^# The \d+ sentences?/.test(first)) return say(JSON.stringify(product.refinement));
      if (first.startsWith("# Platforms to choose from")) return say(JSON.stringify(platform));
      if (first.startsWith("# Platform\n")) return say(JSON.stringify(product.design));
    }
    const calls = story === undefined ? undefined : product.turns[story]?.[place];
    if (calls === undefined) {
      unexpected(call);
      return say("I do not know.");
    }
    const toolCalls = calls.map(([name, given]) => ({ name, arguments: given }));
    return say("", { toolCalls });
  };
}
