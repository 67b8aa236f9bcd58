import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const main = join(root, "dist", "main.js");
const timeoutMs = 120_000;

let folder: string;

beforeAll(async () => {
  if (!existsSync(main)) execFileSync(process.execPath, [join(root, "scripts", "build.mjs")]);
  folder = await mkdtemp(join(tmpdir(), "autosd-cli-"));
  await mkdir(join(folder, "empty"));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** Nothing of the machine's own settings reaches the command line. */
function environment(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  const home = join(folder, "home");
  return { PATH: process.env["PATH"] ?? "", HOME: folder, AUTOSD_HOME: home, ...more };
}

function autosd(args: readonly string[], more: Readonly<Record<string, string>> = {}) {
  const ended = spawnSync(process.execPath, [main, ...args], {
    cwd: join(folder, "empty"),
    env: environment(more),
    encoding: "utf8",
    input: "",
    timeout: timeoutMs,
  });
  return { exitCode: ended.status, stdout: ended.stdout, stderr: ended.stderr };
}

/** Runs a line of bash in which `$AUTOSD` is the command line. */
function shell(line: string) {
  const ended = spawnSync("bash", ["-c", line], {
    cwd: join(folder, "empty"),
    env: environment({ NODE: process.execPath, MAIN: main }),
    encoding: "utf8",
    timeout: timeoutMs,
  });
  return { exitCode: ended.status, stdout: ended.stdout, stderr: ended.stderr };
}

test("prints its version, and nothing but its version", async () => {
  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as {
    version: string;
  };
  for (const flag of ["--version", "-V"])
    expect(autosd([flag])).toEqual({ exitCode: 0, stdout: `${version}\n`, stderr: "" });
  expect(autosd(["run", "--version"]).stdout).toBe(`${version}\n`);
  expect(JSON.parse(autosd(["version", "--json"]).stdout)).toMatchObject({
    schema: "autosd/version@1",
    version,
  });
});

test("touches nothing for --version, --help and a wrong word", () => {
  for (const args of [["--version"], ["--help"], ["run", "--help"], ["wrong"]]) autosd(args);
  expect(existsSync(join(folder, "home"))).toBe(false);
});

test("answers a wrong word in text and in JSON, with exit code 2", () => {
  expect(autosd(["projcts", "list"])).toEqual({
    exitCode: 2,
    stdout: "",
    stderr:
      "error: Unknown command 'projcts'. Did you mean projects?\n  code   AUTOSD-USAGE\n  remedy autosd --help\n",
  });
  const json = autosd(["projcts", "list", "--json"]);
  expect(json).toMatchObject({ exitCode: 2, stderr: "" });
  expect(JSON.parse(json.stdout)).toEqual({
    schema: "autosd/error@1",
    code: "AUTOSD-USAGE",
    message: "Unknown command 'projcts'. Did you mean projects?",
    remedy: "autosd --help",
    exitCode: 2,
    retryable: false,
    details: { command: "" },
  });
});

test("says that the current folder is no project, and how to begin one", () => {
  const { exitCode, stderr } = autosd(["backlog", "show"]);
  expect(exitCode).toBe(2);
  expect(stderr).toContain("AUTOSD-PROJECT-NOT-FOUND");
  expect(stderr).toContain("autosd run --requirements-file requirements.md --output-dir");
});

test("lists an empty portfolio", () => {
  expect(JSON.parse(autosd(["projects", "list", "--json"]).stdout)).toEqual({
    schema: "autosd/projects@1",
    projects: [],
    more: false,
  });
});

test("takes configuration from the environment and refuses a bad one", () => {
  const shown = autosd(["config", "show", "--json"], { AUTOSD_MAX_TASK_ATTEMPTS: "5" });
  const { options } = JSON.parse(shown.stdout) as { options: { name: string }[] };
  expect(options).toContainEqual({
    name: "maxTaskAttempts",
    value: 5,
    source: "environment",
    from: "AUTOSD_MAX_TASK_ATTEMPTS",
  });
  const bad = autosd(["config", "show", "--json"], { AUTOSD_MAX_TASK_ATTEMPTS: "many" });
  expect(bad.exitCode).toBe(2);
  expect(JSON.parse(bad.stdout)).toMatchObject({ code: "AUTOSD-CONFIG-INVALID" });
});

test("never touches a damaged backlog, and exits 6", async () => {
  const project = join(folder, "damaged");
  const file = join(project, ".autosd", "backlog.json");
  await mkdir(join(project, ".autosd"), { recursive: true });
  await writeFile(file, '{"schema":"autosd/backlog@1","stor');
  for (const command of [
    ["backlog", "show"],
    ["sprint", "plan"],
  ]) {
    const { exitCode, stderr } = autosd([...command, "--project", project]);
    expect(exitCode).toBe(6);
    expect(stderr).toContain("AUTOSD-BACKLOG-INVALID");
  }
  expect(await readFile(file, "utf8")).toBe('{"schema":"autosd/backlog@1","stor');
});

test("ends quietly when nobody reads on", () => {
  const { stderr, stdout } = shell(
    'set -o pipefail; { "$NODE" "$MAIN" completion bash; echo "exit $?" >&2; } | true',
  );
  expect({ stderr, stdout }).toEqual({ stderr: "exit 0\n", stdout: "" });
});

test("does not call it a success when the output is lost", () => {
  const { exitCode, stderr } = shell('"$NODE" "$MAIN" completion bash > /dev/full');
  expect(exitCode).toBe(5);
  expect(stderr).toContain("AUTOSD-OUTPUT-LOST");
});

test("colours on demand and never against NO_COLOR", () => {
  expect(autosd(["wrong"], { FORCE_COLOR: "1" }).stderr).toContain("\u001b[31m");
  expect(autosd(["wrong"], { FORCE_COLOR: "1", NO_COLOR: "1" }).stderr).not.toContain("\u001b");
});

/** A run that was started, with what it has said so far. */
function startRun(args: readonly string[]): {
  readonly child: ChildProcess;
  readonly ended: Promise<{ exitCode: number | null; stdout: string; stderr: string }>;
  readonly said: (text: string) => Promise<void>;
} {
  const child = spawn(process.execPath, [main, ...args], {
    cwd: join(folder, "empty"),
    env: environment(),
    stdio: ["ignore", "pipe", "pipe"],
    timeout: timeoutMs,
  });
  let stdout = "";
  let stderr = "";
  const waiting = new Set<() => void>();
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
    for (const look of waiting) look();
  });
  const ended = new Promise<{ exitCode: number | null; stdout: string; stderr: string }>(
    (resolve) => child.once("close", (exitCode) => resolve({ exitCode, stdout, stderr })),
  );
  const said = async (text: string): Promise<void> => {
    const heard = new Promise<void>((resolve) => {
      const look = () => {
        if (stderr.includes(text)) resolve();
      };
      waiting.add(look);
      look();
    });
    await Promise.race([heard, ended]);
    expect(stderr).toContain(text);
  };
  return { child, ended, said };
}

const requirements = "# Notes\n\nAn API service that stores notes. A note has a title.\n";

test("stops where it can be resumed on the first signal, and says how to go on", async () => {
  const app = join(folder, "stopped");
  const run = startRun(["run", "--requirements-text", requirements, "--output-dir", app, "--json"]);
  await run.said("story 1/");
  run.child.kill("SIGINT");
  const { exitCode, stdout, stderr } = await run.ended;
  expect(exitCode).toBe(130);
  expect(stderr).toContain("Ctrl-C again stops at once");
  const document = JSON.parse(stdout) as { remedy: string };
  expect(document).toMatchObject({ schema: "autosd/error@1", exitCode: 130, retryable: true });
  const runId = /^autosd runs resume (\S+)$/.exec(document.remedy)?.[1];
  const { run: record } = JSON.parse(autosd(["runs", "show", runId ?? "", "--json"]).stdout) as {
    run: { status: string };
  };
  expect(record.status).toBe("interrupted");
});

test("stops at once on the second signal", async () => {
  const app = join(folder, "killed");
  const run = startRun(["run", "--requirements-text", requirements, "--output-dir", app]);
  await run.said("story 1/");
  run.child.kill("SIGTERM");
  run.child.kill("SIGINT");
  expect((await run.ended).exitCode).toBe(130);
});

/** Types at the command line on a pseudo terminal. */
function onTerminal(args: readonly string[], typed: string) {
  const line = [process.execPath, main, ...args].map((word) => `'${word}'`).join(" ");
  const ended = spawnSync("script", ["-qec", line, "/dev/null"], {
    cwd: join(folder, "empty"),
    env: environment({ TERM: "xterm" }),
    encoding: "utf8",
    input: typed,
    timeout: timeoutMs,
  });
  return { exitCode: ended.status, shown: ended.stdout };
}

test("asks before it retires a project, and believes the answer", () => {
  const app = join(folder, "planned");
  const planned = autosd([
    ...["run", "--requirements-text", requirements, "--output-dir", app, "--json"],
    ...["--execution-mode", "planning", "--project-id", "retiring"],
  ]);
  expect(planned.exitCode).toBe(0);
  const status = () =>
    (
      JSON.parse(autosd(["projects", "show", "retiring", "--json"]).stdout) as {
        project: { status: string };
      }
    ).project.status;
  expect(autosd(["projects", "retire", "retiring"])).toMatchObject({ exitCode: 2 });
  for (const typed of ["n\n", "\u0004"]) {
    const refused = onTerminal(["projects", "retire", "retiring"], typed);
    expect(refused.shown).toContain("Retire project retiring? [y/N]");
    expect(refused.exitCode).toBe(3);
  }
  expect(status()).toBe("open");
  expect(onTerminal(["projects", "retire", "retiring"], "y\n").exitCode).toBe(0);
  expect(status()).toBe("retired");
});

test("works on a project by folder and by id, from the plan to the retrospective", () => {
  const app = join(folder, "sprints");
  const planning = ["--execution-mode", "planning", "--project-id", "sprints", "--json"];
  autosd(["run", "--requirements-text", requirements, "--output-dir", app, ...planning]);
  const json = (...args: string[]) =>
    JSON.parse(autosd([...args, "--json"]).stdout) as Record<string, unknown>;
  expect(json("sprint", "plan", "--project", app, "--max-stories-per-sprint", "1")).toMatchObject({
    schema: "autosd/sprint@1",
    id: "sprint-1",
    status: "planned",
  });
  expect(json("sprint", "start", "--project", "sprints")).toMatchObject({ status: "active" });
  expect(json("sprint", "plan", "--output-dir", app)).toMatchObject({ code: "AUTOSD-SPRINT-OPEN" });
  expect(json("sprint", "review", "--project", app)).toMatchObject({ definitionOfDone: false });
  expect(json("sprint", "retro", "--project", app)).toMatchObject({ metrics: { velocity: 0 } });
  expect(json("sprint", "metrics", "--project", app)).toMatchObject({ velocity: 0 });
  expect(json("backlog", "refine", "--project", app)).toMatchObject({ added: [], removed: [] });
  expect(existsSync(join(app, ".autosd", "sprints", "sprint-1", "retro.md"))).toBe(true);
});
