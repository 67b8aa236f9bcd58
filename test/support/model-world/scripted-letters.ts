import type { ModelCall, ModelScript, Reply } from "../model-server/script.ts";
import { say } from "../model-server/script.ts";
import type { Call } from "./sums.ts";

/** A product of so many functions that have nothing to do with each other. */
export interface Letters {
  readonly document: string;
  /** Answers planning at once, and each turn of a story after `before` has let it. */
  script(before: (story: string, place: number, call: ModelCall) => Promise<void>): ModelScript;
  /** Questions about stories that a run without a mishap asks. */
  readonly storyCalls: number;
}

const letters = "abcdefghijkl";

interface LetterTurns {
  /** Stories that read the first one's source before they write. */
  readonly readers?: readonly string[];
  /** Every story looks at what it has made before it is done: three questions more. */
  readonly isThorough?: boolean;
}

/**
 * `count` stories, each a function and its test in files of their own; the first one makes the
 * project as well.
 */
export function lettersProduct(count: number, how: LetterTurns = {}): Letters {
  const names = Array.from(letters.slice(0, count));
  const ids = names.map((_, index) => `ST-${index + 1}`);
  const plan = planOf(names);
  const turns = new Map(
    names.map((name, index) => {
      const id = `ST-${index + 1}`;
      const reads = how.readers?.includes(id) === true;
      return [id, turnsOf(name, index, { reads, looks: how.isThorough === true })];
    }),
  );
  return {
    document: [
      "# Letters",
      ...names.map((name) => `The letter ${name} can be said.`),
      "It is for people who learn to read.",
    ].join("\n\n"),
    storyCalls: ids.reduce((sum, id) => sum + (turns.get(id)?.length ?? 0), 0),
    script:
      (before) =>
      async (call): Promise<Reply> => {
        const first = call.turns.find((turn) => turn.role === "user")?.text ?? "";
        const story = /^# Story\n(ST-\d+):/.exec(first)?.[1];
        const place = call.turns.filter((turn) => turn.role === "assistant").length;
        if (story === undefined) return say(JSON.stringify(plan(first)));
        await before(story, place, call);
        const calls = turns.get(story)?.[place] ?? [];
        return say("", {
          toolCalls: calls.map(([name, given]) => ({ name, arguments: given })),
        });
      },
  };
}

function turnsOf(
  name: string,
  index: number,
  how: { readonly reads: boolean; readonly looks: boolean },
): readonly (readonly Call[])[] {
  const number = index + 1;
  const test = `import assert from "node:assert/strict";
import { it } from "node:test";
import { ${name} } from "../src/${name}.js";

it("AC-${number}.1 says ${name}", () => {
  assert.equal(${name}(), "${name}");
});
`;
  const files: readonly Call[] = [
    ["write", { path: `src/${name}.js`, content: `export const ${name} = () => "${name}";\n` }],
    ["write", { path: `test/${name}.test.js`, content: test }],
  ];
  return [
    ...(how.reads ? [[["read", { path: "src/a.js" }]] as const] : []),
    index === 0 ? [...skeleton, ...files] : files,
    ...(how.looks
      ? [
          [["read", { path: `src/${name}.js` }]] as const,
          [["read", { path: `test/${name}.test.js` }]] as const,
          [["search", { text: "AC-", folder: `test/${name}.test.js` }]] as const,
        ]
      : []),
    [["done", { summary: `says ${name}`, acceptanceTests: [`test/${name}.test.js`] }]],
  ];
}

const manifest = {
  ...{ name: "letters", version: "0.1.0", private: true, type: "module" },
  scripts: {
    ...{ start: "node src/a.js", lint: "node --check src/a.js", test: "node --test" },
  },
};

const skeleton: readonly Call[] = [
  ["write", { path: "package.json", content: JSON.stringify(manifest, null, 2) }],
  [
    "write",
    {
      path: "README.md",
      content: "# Letters\n\nStart it with `npm start`, test it with `npm test`.\n",
    },
  ],
];

function planOf(names: readonly string[]): (first: string) => unknown {
  const stories = names.map((name, index) => ({
    ...{ id: `ST-${index + 1}`, title: `Say ${name}`, asA: "person who learns to read" },
    ...{ iWant: `to hear the letter ${name}`, soThat: "I know how it sounds" },
    criteria: [{ given: "nothing", when: `${name} is called`, then: `"${name}" is the result` }],
    sentences: [`S${index + 1}`],
    dependsOn: [],
    ...{ points: 1, priority: "must" },
  }));
  const refinement = {
    title: "Letters",
    brief: "A library that says letters.",
    personas: [{ name: "person who learns to read", needs: "to hear letters" }],
    stories,
    ...{ nonfunctional: [], ambiguities: [], contradictions: [], missingConstraints: [] },
    ...{ edgeCases: [], externalDependencies: [], assumptions: [], stack: [] },
    notCovered: [
      { sentence: `S${names.length + 1}`, kind: "context", reason: "says whom it is for" },
    ],
  };
  const platform = {
    ...{ platform: "library", why: "they are functions", startCommands: [] },
    components: [{ name: "letters", role: "says them" }],
  };
  const design = {
    ...{ context: "A library without dependencies.", data: [], storage: "Nothing is kept." },
    operations: stories.map(({ id }, index) => ({
      name: `${names[index] ?? ""}()`,
      behaviour: "says the letter",
      stories: [id],
    })),
    errorHandling: ["Nothing can go wrong."],
    security: ["Nothing is read and nothing is kept."],
    decisions: [],
  };
  return (first) => {
    if (first.startsWith("# Platforms to choose from")) return platform;
    return first.startsWith("# Platform\n") ? design : refinement;
  };
}
