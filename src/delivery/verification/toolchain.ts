import type { PackageManager } from "./package-manager.ts";

export const gateNames = [
  "install",
  "format",
  "lint",
  "types",
  "tests",
  "acceptance",
  "test-integrity",
  "secrets",
  "sbom",
  "docs",
] as const;
export type GateName = (typeof gateNames)[number];

/** Machine-readable results that a test runner can write. */
export type ReportFormat =
  "vitest-json" | "mocha-json" | "node-events" | "tap" | "junit" | "unittest-json";

/** Folder, relative to the project, that exists for the reports of a gate and is empty before it. */
export const reportFolder = ".autosd-report";

/** How one gate is run by a command in the sandbox. Gates in `after` must be green first; others run side by side. */
export interface CommandGate {
  readonly name: GateName;
  readonly command: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly after: readonly GateName[];
  /** File that the command writes, relative to the project, from which results are read (test reports). */
  readonly report?: string;
  readonly reportFormat?: ReportFormat;
  /** Python module that the command takes from the machine and not from what was installed. */
  readonly machineModule?: string;
  /** Where several packages have it: each in its own folder, and `command` only says so. */
  readonly parts?: readonly GatePart[];
  /** Why the project's own command proves nothing (`exit 0`); the gate is red without being run. */
  readonly refusal?: string;
}

/** A gate in the folder of one package; its report's path begins there. */
export interface GatePart extends Pick<
  CommandGate,
  "command" | "env" | "report" | "reportFormat" | "refusal"
> {
  readonly folder: string;
  /** Folders of the packages that it uses, itself left out. */
  readonly uses: readonly string[];
}

/** What is known about building and checking a project, found by looking at it. */
export interface ToolchainProfile {
  readonly id: "node" | "python";
  /** Fills the dependency store; `lockfile` keys it. */
  readonly install: {
    readonly lockfile: string | undefined;
    readonly command: readonly [string, ...string[]];
    /** Folder that the install fills: `node_modules`, `.venv`. */
    readonly folder: string;
    readonly egress: readonly string[];
    /** Why nothing can be installed from what the project says (no lockfile, drift); the gate is red. */
    readonly refusal?: string;
    /** The same, when all that is missing is a lockfile that can be read. */
    readonly unlocked?: string;
    /** The shell command, run in the project's folder, that makes and commits the lockfile which is missing. */
    readonly relock?: string;
    /** Who installs, where that is not what comes with the language. */
    readonly manager?: PackageManager;
    /** Folders of packages beside the root's, each of which may get a `folder` of its own. */
    readonly packageFolders?: readonly string[];
    /**
     * What an install works from, by the name that its command knows it by; all of it keys the store.
     * Absent: the lockfile, as it lies in the project.
     */
    readonly files?: Readonly<Record<string, string>>;
    /** What another day may bring another version of. A refusal, but for a project that was there before autosd. */
    readonly unpinned?: string;
    /** False: there is nothing to install, and no store. Default true. */
    readonly needed?: boolean;
  };
  readonly gates: readonly CommandGate[];
  /** Globs of test files. */
  readonly testFiles: readonly string[];
  /** Globs of files that are test files when they hold tests. */
  readonly possibleTests?: readonly string[];
}

/** One test as the runner reported it. */
export interface TestCaseResult {
  readonly file: string;
  readonly name: string;
  readonly outcome: "passed" | "failed" | "skipped";
  /** First line of the failure. */
  readonly message?: string;
}
