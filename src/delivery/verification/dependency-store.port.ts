import type { PackageManager } from "./package-manager.ts";
import type { ToolchainProfile } from "./toolchain.ts";

export interface DependencyRequest {
  readonly profile: ToolchainProfile;
  /** Text of a file of the project; the store reads manifest and lockfile through it. */
  readText(path: string): Promise<string | undefined>;
  /** False: nothing is downloaded. */
  readonly mayInstall: boolean;
}

export type DependencyAnswer =
  | {
      readonly kind: "ready";
      /** Host folder to show read-only at `profile.install.folder`. */
      readonly hostPath: string;
      /** Folders in it that tools write to; something writable must be laid over each. */
      readonly writable: readonly string[];
      /** The same of packages beside the root's: what to show at each `folder` of the project. */
      readonly more?: readonly { readonly folder: string; readonly hostPath: string }[];
      /** Host folder to show read-only at `packageManagerPath`: the manager, for scripts that call it. */
      readonly managerPath?: string;
      /** Packages in it. */
      readonly packages: number;
      readonly exitCode: number | null;
      readonly output: string;
    }
  | { readonly kind: "missing" }
  /** The package manager refuses what the project asks for. */
  | {
      readonly kind: "refused";
      readonly exitCode: number | null;
      readonly reason: string;
      readonly output: string;
    };

/** Where a package manager that does not come with the language lies inside a sandbox. */
export const packageManagerPath = "/package-manager";

/** The folder of its programs, inside. */
export function managerPrograms(manager: PackageManager): string {
  return manager.name === "bun" ? `${packageManagerPath}/bun/bin` : `${packageManagerPath}/.bin`;
}

/**
 * Installed dependencies, kept by what decides them and shared by all projects. A registry that does
 * not answer is AUTOSD-INSTALL-FAILED, unless what is asked for is there already.
 */
export interface DependencyStore {
  obtain(request: DependencyRequest, signal: AbortSignal): Promise<DependencyAnswer>;
}
