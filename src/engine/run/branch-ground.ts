import { isBranchName } from "../../delivery/agent/branch-name.ts";
import type {
  BranchState,
  RepositorySurvey,
} from "../../delivery/agent/existing-repository.port.ts";
import { FlowError } from "./errors.ts";
import { type ProjectIdentity, readIdentity } from "./project-identity.ts";
import { slugOf } from "./project-slug.ts";
import { shellWord } from "./repeat-command.ts";
import type { RunRequest } from "./run-request.ts";
import type { RunServices } from "./run-services.ts";

/** Where work in somebody's repository begins. */
export interface BranchGround {
  readonly name: string;
  /** What the branch points at; null: it is not there. */
  readonly from: string | null;
  readonly start: string;
  /** Branch or commit that is checked out. */
  readonly comparedWith: string;
  readonly dirty: readonly string[];
}

type Surveyed = Extract<RepositorySurvey, { readonly kind: "repository" }>;

/**
 * Looks at a repository and refuses what cannot be worked on, with the way out; changes nothing. A
 * branch that has been merged goes on from what is checked out, one that has not from its own end.
 */
export async function branchGround(
  services: Pick<RunServices, "files" | "repositories">,
  request: Pick<RunRequest, "directory" | "existing" | "requirements">,
): Promise<BranchGround> {
  const { directory } = request;
  const identity = await readIdentity(services.files, directory);
  if (identity !== undefined && identity.branch === undefined)
    throw new FlowError(
      "AUTOSD-OUTPUT-NOT-OURS",
      `${directory} was created by autosd itself, as project ${identity.projectId}`,
      { remedy: `Use --output-dir ${directory} instead of --project-dir.` },
    );
  const name = branchName(request, identity);
  const survey = await services.repositories.survey(directory, name);
  if (survey.kind === "absent") throw noFolder(directory, survey);
  if (survey.kind === "none") throw noRepository(directory, survey.within);
  const { head } = survey;
  if (head === null)
    throw unsuited(
      directory,
      "has no commit yet",
      `git -C ${shellWord(directory)} add -A && git -C ${shellWord(directory)} commit -m "..."`,
    );
  if (survey.obstacles.length > 0)
    throw unsuited(
      directory,
      `cannot be worked on: ${survey.obstacles.join("; ")}`,
      "Take it out of the repository, or work on a repository without it.",
    );
  const start = startOn(name, survey.target, { head, directory });
  return { name, ...start, comparedWith: survey.branch ?? head, dirty: survey.dirty };
}

function startOn(
  name: string,
  target: Surveyed["target"],
  at: { readonly head: string; readonly directory: string },
): Pick<BranchGround, "from" | "start"> {
  switch (target.kind) {
    case "absent":
      return { from: null, start: at.head };
    case "contained":
      return { from: target.commit, start: at.head };
    case "own":
      return { from: target.commit, start: target.commit };
    case "foreign":
    case "in-use":
    case "impossible":
      throw new FlowError(
        "AUTOSD-BRANCH-TAKEN",
        `branch ${name} of ${at.directory} ${reasonOf(target)}`,
        { details: { branch: name } },
      );
  }
}

function reasonOf(
  target: Extract<BranchState, { readonly kind: "foreign" | "in-use" | "impossible" }>,
): string {
  switch (target.kind) {
    case "foreign":
      return "holds commits that are not by autosd; nothing was changed";
    case "in-use":
      return `is checked out in ${target.by}, whose files would not follow`;
    case "impossible":
      return `cannot be made beside branch ${target.other}`;
  }
}

/** Names of requirements that say nothing about what is asked for. */
const nameless = new Set(["requirements", "stdin", "text", "readme", "project"]);

/** As asked for; else the one that the project has; else one named after the requirements. */
function branchName(
  request: Pick<RunRequest, "directory" | "existing" | "requirements">,
  identity: ProjectIdentity | undefined,
): string {
  const asked = request.existing?.branch ?? identity?.branch;
  if (asked !== undefined) {
    if (isBranchName(asked)) return asked;
    throw new FlowError("AUTOSD-BRANCH-TAKEN", `${JSON.stringify(asked)} is no branch name`);
  }
  const file = request.requirements.source.split(/[/\\]/).at(-1) ?? "";
  const subject = slugOf(file.replace(/\.[^.]*$/, ""));
  return `autosd/${nameless.has(subject) ? slugOf(folderName(request.directory)) : subject}`;
}

/** A folder's own name: the project's until somebody gives it another one. */
export function folderName(directory: string): string {
  return directory.replace(/\/+$/, "").split("/").at(-1) ?? "project";
}

/** Nothing is made in its place: whoever names code that is there has mistyped it. */
function noFolder(
  directory: string,
  { found, near }: Extract<RepositorySurvey, { readonly kind: "absent" }>,
): FlowError {
  return unsuited(
    directory,
    found === "file" ? "is a file, not a folder" : "is not there",
    near === null
      ? "Give the folder of code that is there with --project-dir, or --output-dir FOLDER for a new project."
      : `Did you mean --project-dir ${shellWord(near)}?`,
  );
}

function noRepository(directory: string, within: string | null): FlowError {
  const git = `git -C ${shellWord(directory)}`;
  if (within === null)
    return unsuited(
      directory,
      "is no git repository",
      `${git} init && ${git} add -A && ${git} commit -m "..."`,
    );
  return unsuited(
    directory,
    `is a part of the repository ${within}, which is worked on as a whole`,
    `autosd run --project-dir ${shellWord(within)}`,
  );
}

function unsuited(directory: string, what: string, remedy: string): FlowError {
  return new FlowError("AUTOSD-REPOSITORY-UNSUITED", `${directory} ${what}`, { remedy });
}
