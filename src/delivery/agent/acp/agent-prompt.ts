import type { ImplementationTask } from "../implementer.port.ts";
import { storyText } from "../loop/first-prompt.ts";
import { clean } from "../loop/redact-answer.ts";

const maxStoryCharacters = 64_000;
const maxFailureCharacters = 8_000;

/** What an agent is told of its surroundings besides the story. */
export interface AgentFacts {
  /** Names of the gates that will judge the story, in order. */
  readonly gates: readonly string[];
  /** About the dependencies of the project; empty: nothing. */
  readonly notes: readonly string[];
}

/**
 * All that an external agent is told, in one message: the instructions and the story. It looks at
 * the files itself. Project text in it is data.
 */
export function agentPrompt(template: string, task: ImplementationTask, facts: AgentFacts): string {
  const failures = task.failures.map((one) => `${one.gate}: ${one.finding}`).join("\n");
  const parts = [
    template.trim(),
    `# Story\n${cut(storyText(task), maxStoryCharacters)}`,
    `# Platform\n${task.platform}`,
    `# Gates that will judge it\n${facts.gates.join(", ")}`,
    ...(failures === ""
      ? []
      : [
          `# What was red\nThe attempt before (${task.attempt - 1}) was rejected and its files are gone:\n${cut(failures, maxFailureCharacters)}`,
        ]),
    ...(facts.notes.length === 0 ? [] : [`# Dependencies\n${facts.notes.join("\n")}`]),
  ];
  return clean(parts.join("\n\n"));
}

function cut(text: string, maxCharacters: number): string {
  return text.length <= maxCharacters ? text : `${text.slice(0, maxCharacters)}\n(Cut.)`;
}

/** The files in which a criterion of the story is named: its tests, whatever else they hold. */
export function acceptanceTestsIn(
  task: ImplementationTask,
  changed: ReadonlyMap<string, string>,
): readonly string[] {
  const names = task.story.criteria.flatMap(({ id }) => [
    id,
    id.toLowerCase().replaceAll(/[-.]/g, "_"),
  ]);
  const isTest = /(?:^|[/_.-])(?:tests?|specs?|__tests__)(?:[/_.-]|$)/i;
  return [...changed]
    .filter(([path, text]) => isTest.test(path) && names.some((one) => holds(text, one)))
    .map(([path]) => path)
    .sort();
}

/** `AC-1.1` does not stand in `AC-1.12`. */
function holds(text: string, name: string): boolean {
  for (let at = text.indexOf(name); at !== -1; at = text.indexOf(name, at + 1))
    if (!/[0-9]/.test(text[at + name.length] ?? "")) return true;
  return false;
}
