import type { CheckoutState } from "../../delivery/agent/vcs.port.ts";
import { isoTime } from "../../kernel/clock.ts";
import { FlowError } from "./errors.ts";
import { vouchFor } from "../projects/own-record.ts";
import {
  identityFile,
  type ProjectIdentity,
  readIdentity,
  writeIdentity,
} from "./project-identity.ts";
import { settleProjectId } from "./settle-project-id.ts";
import type { RunRequest } from "./run-request.ts";
import type { RunServices } from "./run-services.ts";

export interface PreparedProject {
  readonly projectId: string;
  /** Commit that the branch points at before the run; null in a fresh repository. */
  readonly head: string | null;
}

/**
 * Makes the output folder a git repository and an autosd project, or refuses it. Repeatable: what is
 * there already is kept. The id given wins; otherwise `slug`, with a number when another folder has it.
 */
export async function prepareProject(
  services: RunServices,
  request: RunRequest,
  product: { readonly slug: string; readonly title: string },
): Promise<PreparedProject> {
  const { directory } = request;
  const existing = await readIdentity(services.files, directory);
  refuseBranchProject(existing, directory);
  const before = await services.vcs.inspect(directory);
  if (existing === undefined) refuseForeign(before, directory);
  const { slug } = product;
  const projectId = await settleProjectId(services, request, { identity: existing, slug });

  const folder = await services.folders.makeWritable(directory);
  if (folder.kind === "unwritable")
    throw new FlowError(
      "AUTOSD-OUTPUT-UNWRITABLE",
      `${directory} cannot be written: ${folder.reason}`,
    );
  // First of all: a crash from here on must leave a folder that is known as ours.
  if (existing?.projectId !== projectId) {
    const created = { title: product.title, createdAt: isoTime(services.clock.now()) };
    const identity = { ...created, ...existing, schema: "autosd/project@1", projectId } as const;
    await writeIdentity(services.files, directory, identity);
  }
  await vouchFor(services, directory, identityFile);
  await services.vcs.initialise(directory);
  await services.vcs.repairCheckout(directory);
  await services.files.write(directory, "requirements.md", request.requirements.text);

  // What has just been made holds nothing of anybody's.
  if (before.kind === "repository") {
    const after = await services.vcs.inspect(directory);
    noticeLocalChanges(services, directory, after.kind === "repository" ? after.dirty : []);
  }
  return { projectId, head: (await services.vcs.headOf(directory)) ?? null };
}

/** Says which changes of the person's are no part of the run. */
export function noticeLocalChanges(
  services: Pick<RunServices, "observe">,
  directory: string,
  dirty: readonly string[],
): void {
  if (dirty.length === 0) return;
  const more = dirty.length > 3 ? ", ..." : "";
  services.observe({
    kind: "notice",
    message: `${directory} has local changes (${dirty.slice(0, 3).join(", ")}${more}); they are left as they are and are in no commit of this run`,
  });
}

/** Before a run starts: the same refusal, without creating anything. */
export async function refuseUnusableOutput(
  services: RunServices,
  directory: string,
): Promise<void> {
  if (!(await services.folders.mayBeFolder(directory)))
    throw new FlowError(
      "AUTOSD-OUTPUT-UNWRITABLE",
      `${directory} is no folder and cannot become one`,
    );
  const identity = await readIdentity(services.files, directory);
  refuseBranchProject(identity, directory);
  if (identity !== undefined) return;
  refuseForeign(await services.vcs.inspect(directory), directory);
}

/** In a repository of somebody's a run works on a branch, never on what is checked out. */
function refuseBranchProject(identity: ProjectIdentity | undefined, directory: string): void {
  if (identity?.branch === undefined) return;
  throw new FlowError(
    "AUTOSD-OUTPUT-NOT-OURS",
    `${directory} is a repository that autosd did not create; its project ${identity.projectId} is worked on on branch ${identity.branch}`,
    { remedy: `Use --project-dir ${directory} instead of --output-dir.` },
  );
}

function refuseForeign(state: CheckoutState, directory: string): void {
  if (state.kind === "foreign") {
    const entries = state.entries.filter((entry) => entry !== ".autosd");
    if (entries.length === 0) return;
    const shown = entries.slice(0, 3).join(", ");
    throw new FlowError(
      "AUTOSD-OUTPUT-NOT-OURS",
      `${directory} is not empty and was not created by autosd (it holds ${shown}${entries.length > 3 ? ", ..." : ""}); nothing was changed`,
    );
  }
  if (state.kind === "repository" && (state.head !== undefined || state.dirty.length > 0)) {
    throw new FlowError(
      "AUTOSD-OUTPUT-NOT-OURS",
      `${directory} is a git repository that autosd did not create; nothing was changed`,
    );
  }
}
