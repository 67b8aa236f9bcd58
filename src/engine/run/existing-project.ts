import type { BranchPlace } from "../../delivery/agent/existing-repository.port.ts";
import type { PlatformPlan } from "../../delivery/agent/planner.port.ts";
import { outlineOf, type ProjectOutline } from "../../delivery/agent/project-outline.ts";
import { detectToolchain } from "../../delivery/verification/detect-toolchain.ts";
import { matchesGlob } from "../../delivery/verification/glob.ts";
import { parsePackageJson } from "../../delivery/verification/package-json.ts";
import type { ToolchainProfile } from "../../delivery/verification/toolchain.ts";
import { isoTime } from "../../kernel/clock.ts";
import { branchGround, folderName } from "./branch-ground.ts";
import { FlowError } from "./errors.ts";
import { vouchFor } from "../projects/own-record.ts";
import { noticeLocalChanges } from "./prepare-project.ts";
import { settleProjectId } from "./settle-project-id.ts";
import { snapshotAt } from "./snapshot-at.ts";
import { identityFile, readIdentity, writeIdentity } from "./project-identity.ts";
import { slugOf } from "./project-slug.ts";
import { shellWord } from "./repeat-command.ts";
import type { RunRequest } from "./run-request.ts";
import type { RunServices } from "./run-services.ts";

/** Somebody's project as a run found it. Plain data: it is journaled. */
export interface ExistingProject {
  readonly projectId: string;
  readonly branch: BranchPlace;
  /** Branch or commit that is checked out: what the branch will be compared with. */
  readonly comparedWith: string;
  /** Tree that the run starts from. */
  readonly tree: string;
  readonly plan: PlatformPlan;
  /** Kinds of checks that the project has none of. */
  readonly missingChecks: readonly string[];
  readonly hasTests: boolean;
  readonly outline: ProjectOutline;
}

/**
 * Makes somebody's repository an autosd project, or refuses it. Writes `.autosd` and a line of the
 * repository's own exclude file; the branch comes into being with the first commit. Repeatable.
 */
export async function openExistingProject(
  services: RunServices,
  request: RunRequest,
): Promise<ExistingProject> {
  const { directory } = request;
  const ground = await branchGround(services, request);
  const identity = await readIdentity(services.files, directory);
  const slug = slugOf(folderName(directory));
  const projectId = await settleProjectId(services, request, { identity, slug });
  const { name, from, start } = ground;
  const tree = await services.vcs.treeOf(directory, start);
  const found = await lookAt(services, directory, tree);

  await services.repositories.hideOwnFolder(directory);
  const folder = await services.folders.makeWritable(directory);
  if (folder.kind === "unwritable")
    throw new FlowError(
      "AUTOSD-OUTPUT-UNWRITABLE",
      `${directory} cannot be written: ${folder.reason}`,
    );
  await writeIdentity(services.files, directory, {
    schema: "autosd/project@1",
    projectId,
    title: identity?.title ?? folderName(directory),
    createdAt: identity?.createdAt ?? isoTime(services.clock.now()),
    branch: name,
  });
  await vouchFor(services, directory, identityFile);
  await services.places.remember(projectId, directory);
  noticeLocalChanges(services, directory, ground.dirty);
  const { comparedWith } = ground;
  return { projectId, branch: { name, from, start }, comparedWith, tree, ...found };
}

type Found = Pick<ExistingProject, "plan" | "missingChecks" | "hasTests" | "outline">;

/** Checks that a project may do without; what it has of them is run as it is. */
const optionalChecks = ["format", "lint", "types"] as const;

async function lookAt(services: RunServices, directory: string, tree: string): Promise<Found> {
  const { vcs } = services;
  const snapshot = await snapshotAt(vcs, directory, tree);
  const profile = await detectToolchain(snapshot);
  if ("kind" in profile)
    throw new FlowError("AUTOSD-TOOLCHAIN-UNKNOWN", `${directory}: ${profile.reason}`);
  const { unlocked, relock } = profile.install;
  if (unlocked !== undefined) throw notLocked(directory, unlocked, relock);
  const manifest = await snapshot.readText("package.json");
  const plan = planOf(profile, manifest);
  return {
    plan,
    missingChecks: optionalChecks.filter((name) => !profile.gates.some((g) => g.name === name)),
    hasTests: hasTests(profile, snapshot.paths, manifest),
    outline: await outlineOf(plan.platform, snapshot),
  };
}

function notLocked(directory: string, reason: string, relock: string | undefined): FlowError {
  return new FlowError("AUTOSD-LOCKFILE-MISSING", `${directory}: ${reason}`, {
    ...(relock === undefined ? {} : { remedy: `(cd ${shellWord(directory)} && ${relock})` }),
  });
}

function planOf(profile: ToolchainProfile, manifest: string | undefined): PlatformPlan {
  const language = profile.id === "node" ? "Node.js" : "Python";
  const because = profile.id === "node" ? "it has a package.json" : "it holds Python files";
  const scripts = manifest === undefined ? {} : (parsePackageJson(manifest)?.scripts ?? {});
  const { needed, command } = profile.install;
  const install = needed === false ? [] : [command.slice(0, 2).join(" ")];
  return {
    platform: `existing_${profile.id}`,
    why: `The project is there already, in ${language}: ${because}.`,
    startCommands: scripts["start"] === undefined ? [] : [...install, "npm start"],
    components: [{ name: "the project as it is", role: `its own structure, in ${language}` }],
  };
}

/** Without test files, or without a script that could run them, there is nothing that could be red. */
function hasTests(
  profile: ToolchainProfile,
  paths: readonly string[],
  manifest: string | undefined,
): boolean {
  if (
    !paths.some((path) =>
      matchesGlob(path, [...profile.testFiles, ...(profile.possibleTests ?? [])]),
    )
  )
    return false;
  return manifest === undefined || parsePackageJson(manifest)?.scripts?.["test"] !== undefined;
}
