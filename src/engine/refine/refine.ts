import type { Planner } from "../../delivery/agent/planner.port.ts";
import { readDocument } from "../../delivery/requirements/read-document.ts";
import {
  type RefinedRequirements,
  refinedRequirementsSchema,
} from "../../delivery/requirements/refined-requirements.ts";
import { traceGaps } from "../../delivery/requirements/trace-gaps.ts";
import { AdvisedError, AutosdError } from "../../kernel/errors.ts";
import type { ProjectFiles } from "../../state/project-files.port.ts";
import type { RefineResult, RequirementsInput } from "../autosd.ts";
import type { Vcs } from "../../delivery/agent/vcs.port.ts";
import type { ModelSettings } from "../ports/providers.port.ts";
import { readIdentity } from "../run/project-identity.ts";
import { repeatCommand } from "../run/repeat-command.ts";
import type { Folders } from "../ports/folders.port.ts";
import type { RequirementsSource } from "../ports/requirements-source.port.ts";
import { ProjectError } from "../projects/errors.ts";
import { projectPaths, readRecord } from "../projects/project-record.ts";
import { FlowError } from "../run/errors.ts";
import { writeRefined } from "../run/plan-files.ts";

export interface RefineServices {
  readonly files: ProjectFiles;
  readonly folders: Folders;
  readonly requirements: RequirementsSource;
  /** Tells code that was there before from a folder of autosd's own. */
  readonly vcs: Pick<Vcs, "inspect">;
}

/** `autosd refine`: writes `.autosd/refined_requirements.md` and its record, and nothing else. */
export async function refine(
  services: RefineServices,
  planner: Planner,
  input: {
    readonly requirements: RequirementsInput;
    readonly outputDirectory: string;
    /** Under which a planner that pays journals its calls in the folder. */
    readonly runId: string;
    /** As it was asked for, for the command that goes on. */
    readonly provider?: string;
    readonly models?: ModelSettings;
  },
  signal: AbortSignal,
): Promise<RefineResult> {
  const document = readDocument(await services.requirements.read(input.requirements));
  const directory = await services.folders.resolve(input.outputDirectory);
  if (!(await services.folders.mayBeFolder(directory)))
    throw new FlowError(
      "AUTOSD-OUTPUT-UNWRITABLE",
      `${directory} is no folder and cannot become one`,
    );
  const run = { id: input.runId, directory, signal };
  if (planner.kind === "model") await makeWritable(services, directory);
  const refined = await planner.refine(document, signal, run).catch((error: unknown) => {
    throw withoutResume(error);
  });
  await makeWritable(services, directory);
  await writeRefined(services.files, directory, document, refined);
  const next = await nextCommand(services, directory, input);
  return { refined, file: refinedFile(directory), next, gaps: traceGaps(document, refined) };
}

/** Builds what was refined, with whoever refined it. */
async function nextCommand(
  services: RefineServices,
  directory: string,
  asked: { readonly provider?: string; readonly models?: ModelSettings },
): Promise<string> {
  const { provider = "auto", models = null } = asked;
  const isOther = await isSomebodysRepository(services, directory);
  const place = isOther ? { directory, existing: { branch: null } } : { directory };
  return repeatCommand({ ...place, provider, models }, provider);
}

async function isSomebodysRepository(
  { files, vcs }: RefineServices,
  directory: string,
): Promise<boolean> {
  const identity = await readIdentity(files, directory);
  if (identity !== undefined) return identity.branch !== undefined;
  const state = await vcs.inspect(directory);
  return state.kind === "repository" && state.head !== undefined;
}

/** Nothing here is resumed: what was answered is in the journal, and the command is given again. */
function withoutResume(error: unknown): unknown {
  if (!(error instanceof AutosdError)) return error;
  const remedy = error.remedy
    .replaceAll(/autosd runs resume(?: refine_\w+)? (?=--)/g, "the same command with ")
    .replaceAll("autosd runs resume", "the same command again");
  return remedy === error.remedy ? error : new AdvisedError(error, remedy);
}

/** Before anything is paid for that has to be kept there. */
async function makeWritable({ folders }: RefineServices, directory: string): Promise<void> {
  const folder = await folders.makeWritable(directory);
  if (folder.kind === "unwritable")
    throw new FlowError(
      "AUTOSD-OUTPUT-UNWRITABLE",
      `${directory} cannot be written: ${folder.reason}`,
    );
}

/**
 * `autosd refine --check`: holds the recorded refinement against the requirements (those given, or
 * the copy in `.autosd/requirements.md`). Writes nothing.
 */
export async function checkTraceability(
  services: RefineServices,
  input: {
    readonly requirements: RequirementsInput | undefined;
    readonly outputDirectory: string;
  },
): Promise<RefineResult> {
  const directory = await services.folders.resolve(input.outputDirectory);
  const refined = await readRefined(services.files, directory);
  const raw =
    input.requirements === undefined
      ? await recordedRequirements(services.files, directory)
      : await services.requirements.read(input.requirements);
  const document = readDocument(raw);
  return { refined, file: refinedFile(directory), gaps: traceGaps(document, refined) };
}

/** The recorded refinement of a folder. */
async function readRefined(files: ProjectFiles, directory: string): Promise<RefinedRequirements> {
  const place = { directory, path: projectPaths.refined };
  const refined = await readRecord(files, place, refinedRequirementsSchema);
  if (refined === undefined) throw notRefined(directory);
  return refined;
}

async function recordedRequirements(
  files: ProjectFiles,
  directory: string,
): Promise<{ readonly source: string; readonly bytes: Uint8Array }> {
  const text = await files.read(directory, projectPaths.requirements);
  if (text === undefined) throw notRefined(directory);
  return { source: "requirements.md", bytes: new TextEncoder().encode(text) };
}

function refinedFile(directory: string): string {
  return `${directory}/.autosd/refined_requirements.md`;
}

function notRefined(directory: string): ProjectError {
  return new ProjectError("AUTOSD-REFINED-MISSING", `${directory} holds no refined requirements`, {
    remedy: `autosd refine --requirements-file FILE --output-dir ${directory}`,
  });
}
