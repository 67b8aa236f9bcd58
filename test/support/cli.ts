import { execFile, spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository under test. */
export const repository = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
/** The built program: what users run. */
export const program = join(repository, "dist", "main.js");

export interface CliResult {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

/** A temporary folder with a fresh AUTOSD_HOME in it, removed by `dispose`. */
export class Place {
  readonly root: string;
  readonly home: string;

  private constructor(root: string) {
    this.root = root;
    this.home = join(root, "home");
  }

  static async create(): Promise<Place> {
    return new Place(await mkdtemp(join(tmpdir(), "autosd-e2e-")));
  }

  path(...parts: readonly string[]): string {
    return join(this.root, ...parts);
  }

  env(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
    const kept = ["PATH", "HOME", "LANG", "CI", "TMPDIR", "AUTOSD_TEST_UNAVAILABLE"] as const;
    const inherited = kept.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value] as const];
    });
    return { ...Object.fromEntries(inherited), AUTOSD_HOME: this.home, ...extra };
  }

  /** Runs the built CLI to its end; never rejects for its exit code. */
  autosd(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
    return new Promise((resolve) => {
      const child = execFile(
        process.execPath,
        [program, ...args],
        {
          cwd: options.cwd ?? this.root,
          env: this.env(options.env),
          maxBuffer: 64 * 1024 * 1024,
          encoding: "utf8",
        },
        (error, stdout, stderr) => {
          const code = error === null ? 0 : typeof error.code === "number" ? error.code : null;
          resolve({ code, signal: error?.signal ?? null, stdout, stderr });
        },
      );
      child.stdin?.on("error", () => undefined);
      child.stdin?.end(options.input ?? "");
    });
  }

  /** Starts the built CLI and leaves it running, for tests that kill it. */
  start(args: readonly string[], options: CliOptions = {}): ChildProcess {
    return spawn(process.execPath, [program, ...args], {
      cwd: options.cwd ?? this.root,
      env: this.env(options.env),
      stdio: ["ignore", "pipe", "pipe"],
    });
  }

  /** Any other program, with the same environment. */
  run(command: string, args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
    return new Promise((resolve) => {
      execFile(
        command,
        [...args],
        { cwd: options.cwd ?? this.root, env: this.env(options.env), encoding: "utf8" },
        (error, stdout, stderr) => {
          const code = error === null ? 0 : typeof error.code === "number" ? error.code : null;
          resolve({ code, signal: error?.signal ?? null, stdout, stderr });
        },
      );
    });
  }

  async dispose(): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
  }
}
