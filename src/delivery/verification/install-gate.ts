import type { DependencyAnswer } from "./dependency-store.port.ts";
import { ownJudgement, type Judgement } from "./evidence.ts";
import type { InstalledDependencies } from "./gate-room.ts";
import type { ToolchainProfile } from "./toolchain.ts";
import type { ProjectCase } from "./verifier-options.ts";

/** What the other gates run with; undefined: the install gate is red and they cannot run. */
export interface InstallEnd {
  readonly installed: InstalledDependencies | undefined;
}

/** Obtains the dependencies that the lockfile names. */
export async function installGate(
  project: ProjectCase,
  profile: ToolchainProfile,
): Promise<InstallEnd | undefined> {
  let end: InstallEnd | undefined;
  await project.book.gate("install", undefined, async () => {
    const { install } = profile;
    const refusal = install.refusal ?? looseness(project, profile);
    if (refusal !== undefined) return { judgement: red(profile, refusal) };
    if (install.needed === false) {
      end = { installed: undefined };
      return { judgement: ownJudgement("install", [], "there are no dependencies to install") };
    }
    const answer = await project.options.dependencies.obtain(
      {
        profile,
        readText: (path) => project.facts.readText(path),
        mayInstall: project.request.mayInstall,
      },
      project.signal,
    );
    if (answer.kind === "ready") end = { installed: answer };
    return { judgement: judgementOf(profile, answer) };
  });
  return end;
}

/** People's own projects are taken as they are; one that autosd makes is the same tomorrow. */
function looseness(project: ProjectCase, profile: ToolchainProfile): string | undefined {
  return project.request.existing === undefined ? profile.install.unpinned : undefined;
}

/** The same words whether it was installed now or long ago: equal trees give equal evidence. */
function judgementOf(profile: ToolchainProfile, answer: DependencyAnswer): Judgement {
  const { command, unpinned } = profile.install;
  const loose = unpinned === undefined ? "" : `; ${unpinned}`;
  switch (answer.kind) {
    case "ready":
      return {
        verdict: "green",
        command,
        exitCode: 0,
        finding: `${answer.packages} packages as ${profile.install.lockfile ?? "the lockfile"} has them${loose}`,
        output: answer.output,
      };
    case "missing":
      return red(profile, "the dependencies are not installed and installing was not allowed");
    case "refused":
      return {
        verdict: "red",
        command,
        exitCode: answer.exitCode,
        finding: answer.reason,
        output: answer.output,
      };
  }
}

function red(profile: ToolchainProfile, reason: string): Judgement {
  return {
    verdict: "red",
    command: profile.install.command,
    exitCode: null,
    finding: reason,
    output: `${reason}\n`,
  };
}
