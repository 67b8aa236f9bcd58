import type { ImplementationTask } from "../implementer.port.ts";
import { cutMiddle } from "./cut-text.ts";

/** Room for the facts of a project: with the instructions and the tools a first request is at most 8 KB. */
const maxFactBytes = 3_600;
const maxStoryCharacters = 2_000;
const maxFailureCharacters = 700;
const maxGuideCharacters = 700;
const maxTreePaths = 60;
const maxNestedGuides = 8;

/** What the first prompt says about the project besides the task. */
export interface ProjectFacts {
  readonly paths: readonly string[];
  /** Text of AGENTS.md; undefined when there is none. */
  readonly guide: string | undefined;
  /** Names of the gates that will judge the story, in order. */
  readonly gates: readonly string[];
}

/** The story with everything that belongs to it, whole. */
export function storyText(task: ImplementationTask): string {
  const { story } = task;
  return [
    `${story.id}: ${story.title}`,
    story.narrative,
    ...story.sentences.map((one) => `Asked for (${one.id}): ${one.text}`),
    "Acceptance criteria:",
    ...story.criteria.map(
      (one) => `${one.id}: Given ${one.given}, when ${one.when}, then ${one.then}`,
    ),
  ].join("\n");
}

/** The first message of an attempt. Project text in it is data: it is quoted, and it is cut. */
export function firstPrompt(task: ImplementationTask, facts: ProjectFacts): string {
  const story = storyText(task);
  const shown = cutMiddle(story, maxStoryCharacters);
  const parts = [
    `# Story\n${shown}${shown === story ? "" : "\n(Cut; read @story for all of it.)"}`,
    `# Platform\n${task.platform}`,
    `# Gates that will judge it\n${facts.gates.join(", ")}`,
    ...failuresPart(task),
    ...(facts.guide === undefined
      ? []
      : [`# AGENTS.md of the project\n${cutMiddle(facts.guide, maxGuideCharacters)}`]),
    ...nestedGuides(facts.paths),
  ];
  const used = Buffer.byteLength(parts.join("\n\n"));
  return [...parts, filesPart(facts.paths, maxFactBytes - used)].join("\n\n");
}

/** Rules of single folders: whether they concern a story shows only when it is known what it changes. */
function nestedGuides(paths: readonly string[]): readonly string[] {
  const guides = paths.filter((path) => path.endsWith("/AGENTS.md")).slice(0, maxNestedGuides);
  if (guides.length === 0) return [];
  return [
    `# AGENTS.md of single folders (read one before you change files there)\n${guides.join("\n")}`,
  ];
}

function failuresPart(task: ImplementationTask): readonly string[] {
  if (task.failures.length === 0) return [];
  const lines = task.failures.map((one) => `${one.gate}: ${one.finding}`);
  const words = `The attempt before (${task.attempt - 1}) was rejected and its files are gone:`;
  return [`# What was red\n${words}\n${cutMiddle(lines.join("\n"), maxFailureCharacters)}`];
}

function filesPart(paths: readonly string[], room: number): string {
  if (paths.length === 0) return "# Files\nThere are none yet.";
  const lines: string[] = [];
  let used = 60;
  for (const path of paths.slice(0, maxTreePaths)) {
    used += Buffer.byteLength(path) + 1;
    if (used > room) break;
    lines.push(path);
  }
  const more = paths.length - lines.length;
  return `# Files\n${[...lines, ...(more > 0 ? [`(${more} more; use list)`] : [])].join("\n")}`;
}
