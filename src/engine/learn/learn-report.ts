import { compareVersions } from "../../delivery/agent/learning/compare-versions.ts";
import {
  type JudgedAttempt,
  JournalLessons,
} from "../../delivery/agent/learning/journal-lessons.ts";
import type {
  PromptTemplates,
  TemplateVersion,
} from "../../delivery/agent/learning/prompt-templates.port.ts";
import { proposalsFor } from "../../delivery/agent/learning/propose.ts";
import type { TemplateLessons } from "../../delivery/agent/learning/template-lessons.ts";
import type { PromptJournal } from "../../delivery/agent/model/prompt-journal.port.ts";
import { AutosdError } from "../../kernel/errors.ts";
import type { ProjectFiles } from "../../state/project-files.port.ts";
import type { ProjectStore } from "../../state/projects.port.ts";
import { findBacklog } from "../backlog/backlog-record.ts";
import type { LearnedProject, LearnInput, LearnReport } from "./learn-calls.ts";

/** Where journals and what came of them are found. */
export interface JournalSources {
  readonly projects: Pick<ProjectStore, "list" | "byDirectory">;
  readonly files: ProjectFiles;
  readonly journalOf: (directory: string) => PromptJournal;
  readonly templates: Pick<PromptTemplates, "names" | "inForce">;
}

const pageSize = 200;

/** Reads every journal once, record by record, and counts. */
export async function learnReport(
  sources: JournalSources,
  input: LearnInput,
  signal: AbortSignal,
): Promise<LearnReport> {
  const lessons = new JournalLessons();
  const projects: LearnedProject[] = [];
  let projectsWithoutJournal = 0;
  for await (const project of projectsOf(sources, input.directory)) {
    signal.throwIfAborted();
    const read = await readJournal(sources, project, { lessons, sinceMs: input.sinceMs, signal });
    if (read.records + read.damagedLines === 0 && read.problem === null)
      projectsWithoutJournal += 1;
    else projects.push(read);
  }
  const templates = lessons.lessons();
  const inForce = await templatesInForce(sources, input);
  const known = new Map(templates.map((one) => [one.id, one]));
  return {
    schema: "autosd/learn-report@1",
    ...{ projects, projectsWithoutJournal, templates },
    passedOver: lessons.passedOver,
    comparisons: compareVersions(templates),
    inForce: inForce.map(({ id }) => id),
    proposals: inForce.flatMap((template) => proposalsFor(template, known.get(template.id))),
    notes: notesOn(templates),
  };
}

interface ProjectPlace {
  readonly id: string;
  readonly directory: string;
}

async function* projectsOf(
  sources: JournalSources,
  directory: string | undefined,
): AsyncGenerator<ProjectPlace> {
  if (directory !== undefined) {
    const known = await sources.projects.byDirectory(directory);
    yield { id: known?.id ?? directory, directory };
    return;
  }
  for (let after: string | undefined; ;) {
    const page = await sources.projects.list({
      limit: pageSize,
      ...(after === undefined ? {} : { after }),
    });
    yield* page;
    after = page.at(-1)?.id;
    if (after === undefined || page.length < pageSize) return;
  }
}

interface Reading {
  readonly lessons: JournalLessons;
  readonly sinceMs: number | undefined;
  readonly signal: AbortSignal;
}

/** A journal that cannot be read is said, and the others are read all the same. */
async function readJournal(
  sources: JournalSources,
  { id, directory }: ProjectPlace,
  { lessons, sinceMs, signal }: Reading,
): Promise<LearnedProject> {
  let records = 0;
  let damagedLines = 0;
  let problem: string | null = null;
  let judge: ((story: string, attempt: number) => JudgedAttempt | undefined) | undefined;
  try {
    const onDamaged = (): void => void (damagedLines += 1);
    for await (const record of sources.journalOf(directory).all({ onDamaged })) {
      signal.throwIfAborted();
      const atMs = Date.parse(record.ts);
      if (Number.isNaN(atMs)) damagedLines += 1;
      if (Number.isNaN(atMs) || (sinceMs !== undefined && atMs < sinceMs)) continue;
      records += 1;
      judge ??= await judgeOf(sources.files, directory);
      lessons.take(id, record, judge);
    }
  } catch (error) {
    if (!(error instanceof AutosdError)) throw error;
    problem = error.message;
  }
  return { id, directory, records, damagedLines, problem };
}

/** How attempts were judged, by the backlog; a damaged one throws. */
async function judgeOf(
  files: ProjectFiles,
  directory: string,
): Promise<(story: string, attempt: number) => JudgedAttempt | undefined> {
  const backlog = await findBacklog(files, directory);
  const attempts = new Map<string, JudgedAttempt>();
  for (const story of backlog?.stories ?? [])
    for (const attempt of story.attempts) attempts.set(`${story.id} ${attempt.number}`, attempt);
  return (story, attempt) => attempts.get(`${story} ${attempt}`);
}

async function templatesInForce(
  { templates }: JournalSources,
  { place }: LearnInput,
): Promise<readonly TemplateVersion[]> {
  const directory = place.scope === "project" ? place.directory : undefined;
  const inForce: TemplateVersion[] = [];
  for (const name of await templates.names())
    inForce.push(await templates.inForce(name, directory));
  return inForce;
}

function notesOn(templates: readonly TemplateLessons[]): readonly string[] {
  const unpriced = templates.reduce((total, one) => total + one.callsWithoutPrice, 0);
  const unmeasured = templates.reduce((total, one) => total + one.callsWithoutUsage, 0);
  return [
    "One answer can show several failures: what they cost overlaps and does not add up.",
    "That a failure was counted does not say that the template is to blame, and a remedy is a guess: the next figures decide.",
    ...(unpriced > 0
      ? [`The price of ${unpriced} answers is not known; they are in no amount of money.`]
      : []),
    ...(unmeasured > 0
      ? [`For ${unmeasured} answers the provider did not say how many tokens they took.`]
      : []),
  ];
}
