import type { ImplementationTask } from "../implementer.port.ts";
import { cutMiddle } from "./cut-text.ts";

/** Room for the facts of a project: with the instructions and the tools a first request is at most 8 KB. */
const maxFactBytes = 3_480;
const maxStoryCharacters = 2_000;
const maxFailureCharacters = 700;
const maxGuideCharacters = 700;
const maxTreePaths = 60;
const maxNestedGuides = 8;
const maxSymbolBytes = 1_200;
/** The names of files say more than what is in some of them. */
const minFilesBytes = 500;

/** What the first prompt says about the project besides the task. */
export interface ProjectFacts {
  readonly paths: readonly string[];
  /** Text of AGENTS.md; undefined when there is none. */
  readonly guide: string | undefined;
  /** Names of the gates that will judge the story, in order. */
  readonly gates: readonly string[];
  /** What files that the story seems to be about declare, a line each, the best first. */
  readonly symbols: readonly string[];
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
  const room = maxFactBytes - Buffer.byteLength(parts.join("\n\n"));
  const symbols = symbolsPart(facts.symbols, Math.min(maxSymbolBytes, room - minFilesBytes));
  const used = Buffer.byteLength(symbols.join(""));
  return [...parts, ...symbols, filesPart(facts.paths, room - used)].join("\n\n");
}

function symbolsPart(lines: readonly string[], room: number): readonly string[] {
  const title = "# What some files declare, by line";
  const shown: string[] = [];
  let used = title.length + 2;
  for (const line of lines) {
    used += Buffer.byteLength(line) + 1;
    if (used > room) break;
    shown.push(line);
  }
  return shown.length === 0 ? [] : [`${title}\n${shown.join("\n")}`];
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
