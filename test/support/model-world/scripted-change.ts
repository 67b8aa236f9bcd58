import type { ModelScript } from "../model-server/script.ts";
import { say } from "../model-server/script.ts";
import type { Turns } from "./sums.ts";

/** One story for the first sentence of a document, and how a model goes about it. */
export interface ScriptedChange {
  readonly title: string;
  readonly then: string;
  /** Each answer's calls; after the last one the model repeats it. */
  readonly turns: Turns;
}

/** Requirements that ask for a change. */
export function changeDocument(change: ScriptedChange): string {
  return `# A change\n\n${change.title}.\n`;
}

/** A model that plans a change of a project that is there already, as one story, and makes it. */
export function changeModel(change: ScriptedChange): ModelScript {
  return (call) => {
    const first = call.turns.find((turn) => turn.role === "user")?.text ?? "";
    const place = call.turns.filter((turn) => turn.role === "assistant").length;
    if (call.tools.length === 0) {
      // Numbers of stories are autosd's: a later change does not begin at 1 again.
      const story = first.startsWith("# Platform\n") ? /ST-\d+/.exec(first)?.[0] : undefined;
      return say(JSON.stringify(story === undefined ? refinement(change) : design(story)));
    }
    const calls = change.turns[Math.min(place, change.turns.length - 1)] ?? [];
    return say("", { toolCalls: calls.map(([name, given]) => ({ name, arguments: given })) });
  };
}

function refinement({ title, then }: ScriptedChange) {
  const story = {
    id: "ST-1",
    title,
    asA: "person who uses it",
    iWant: "what the sentence asks for",
    soThat: "work is done sooner",
    criteria: [{ given: "the project", when: "it is used", then }],
    sentences: ["S1"],
    dependsOn: [],
    points: 1,
    priority: "must",
  };
  return {
    title: "A change",
    brief: "One thing more.",
    stories: [story],
    ...{ personas: [], nonfunctional: [], ambiguities: [], contradictions: [], edgeCases: [] },
    ...{ missingConstraints: [], externalDependencies: [], assumptions: [], stack: [] },
    notCovered: [],
  };
}

function design(story: string) {
  return {
    context: "The project as it is, with one thing more.",
    data: [],
    operations: [{ name: "the change", behaviour: "as asked for", stories: [story] }],
    errorHandling: ["Nothing new can fail."],
    security: ["Nothing is read and nothing is kept."],
    storage: "Nothing is kept.",
    decisions: [],
  };
}
