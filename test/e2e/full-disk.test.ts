import { execFile } from "node:child_process";
import { mkdir, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import type { RunResult } from "../../src/engine/autosd.ts";
import { type CliResult, Place, program } from "../support/cli.ts";
import { reportUnavailable } from "../support/report-unavailable.ts";
import { SmallDisk, smallDisksMissing } from "../support/small-disk.ts";

const requirements = "A cat has a name. Cats can be added.";
const errorSchema = z.object({
  code: z.string(),
  message: z.string(),
  remedy: z.string(),
  exitCode: z.number(),
});
/** Other programs' words for what autosd says itself. */
const rawWords = /ENOSPC|SQLITE|No space left|Out of diskspace|fatal:|^\s+at .*:\d+:\d+\)?$/m;
const enough = "128m";

/** One folder on a disk of its own; everything else as it is. */
type Where = "home" | "output" | "temporary";

class Case {
  readonly disk: SmallDisk;
  readonly folder: string;
  readonly output: string;
  readonly #env: Record<string, string>;

  private constructor(root: string, place: Place, disk: SmallDisk) {
    this.disk = disk;
    this.folder = disk.folder;
    this.output = join(root, "output", "cats");
    this.#env = place.env({ AUTOSD_HOME: join(root, "home"), TMPDIR: join(root, "temporary") });
  }

  /** Dependencies are there already; gates that were green before are known when `knowsGates`. */
  static async open(place: Place, where: Where, size: string, knowsGates: boolean): Promise<Case> {
    const root = await mkdtemp(place.path("case-"));
    for (const name of ["home", "output", "temporary"])
      await mkdir(join(root, name), { mode: 0o700 });
    const names = knowsGates ? ["deps", "npm", "evidence"] : ["deps", "npm"];
    const kept = names.map((name) => ({
      from: join(place.home, "cache", name),
      at: join(root, "home", "cache", name),
    }));
    return new Case(root, place, await SmallDisk.mount(join(root, where), size, kept));
  }

  autosd(args: readonly string[]): Promise<CliResult> {
    return this.execute([process.execPath, program, ...args]);
  }

  run(): Promise<CliResult> {
    const text = ["--requirements-text", requirements];
    return this.autosd(["run", ...text, "--output-dir", this.output, "--json"]);
  }

  /** Does what the remedy says. */
  followRemedy(remedy: string): Promise<CliResult> {
    const resumed = /then run: autosd (runs resume \S+)$/.exec(remedy)?.[1];
    if (resumed !== undefined) return this.autosd([...resumed.split(" "), "--json"]);
    expect(remedy).toMatch(/then run: the same command again$/);
    return this.run();
  }

  execute(command: readonly [string, ...string[]]): Promise<CliResult> {
    const [name, ...args] = this.disk.command(command);
    return new Promise((resolve) => {
      execFile(name, args, { env: this.#env, encoding: "utf8" }, (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === "number" ? error.code : null;
        resolve({ code, signal: error?.signal ?? null, stdout, stderr });
      });
    });
  }
}

/** What is to be the same however often the disk was full on the way. */
async function wholeOf(
  output: string,
  execute: (command: readonly [string, ...string[]]) => Promise<CliResult>,
): Promise<unknown> {
  const text = async (...command: [string, ...string[]]): Promise<string> => {
    const { stdout, stderr } = await execute(command);
    return `${stdout}${stderr}`.trim();
  };
  const git = (...args: string[]): Promise<string> => text("git", "-C", output, ...args);
  const files = await text("find", join(output, ".autosd"), "-type", "f");
  return {
    tree: await git("rev-parse", "HEAD^{tree}"),
    commits: await git("log", "--format=%s"),
    status: await git("status", "--porcelain"),
    fsck: await git("fsck", "--strict"),
    // Identifiers of runs differ; what was written does not.
    files: files
      .split("\n")
      .map((file) => relative(output, file))
      .sort(),
  };
}

const missing = smallDisksMissing(tmpdir());

describe("a full disk", () => {
  let place: Place;
  let whole: unknown;
  const open: SmallDisk[] = [];

  beforeAll(async () => {
    if (missing !== undefined) return;
    place = await Place.create();
    const output = place.path("whole");
    const args = ["run", "--requirements-text", requirements, "--output-dir", output, "--json"];
    const ran = await place.autosd(args);
    expect(ran.code, ran.stderr).toBe(0);
    whole = await wholeOf(output, ([name, ...rest]) => place.run(name, rest));
  });
  afterAll(async () => {
    for (const disk of open) disk.close();
    if (missing === undefined) await place.dispose();
  });

  async function onDisk(where: Where, size: string, knowsGates: boolean): Promise<Case> {
    const opened = await Case.open(place, where, size, knowsGates);
    open.push(opened.disk);
    return opened;
  }

  it("can be had here", () => {
    if (missing !== undefined) reportUnavailable("a full disk under a whole run", missing);
  });

  const sizes: readonly (readonly [Where, string, boolean])[] = [
    ["output", "4k", true],
    ["output", "48k", true],
    ["output", "128k", true],
    ["output", "256k", true],
    ["output", "400k", false],
    ["output", "560k", true],
    ["output", "640k", true],
    ["home", "48k", true],
    ["home", "128k", true],
    ["home", "256k", true],
    ["home", "400k", true],
    ["home", "600k", true],
    ["home", "1m", false],
  ];
  let sufficient = 0;

  it.runIf(missing === undefined).each(sizes)(
    "in the %s folder after %s is said as such, and the run goes on when there is room",
    async (where, size, knowsGates) => {
      const one = await onDisk(where, size, knowsGates);
      const first = await one.run();
      const shown = `${first.stdout}\n${first.stderr}`;
      expect(shown).not.toMatch(rawWords);
      if (first.code === 0) sufficient += 1;
      else {
        const error = errorSchema.parse(JSON.parse(first.stdout));
        expect(error, shown).toMatchObject({ code: "AUTOSD-DISK-FULL", exitCode: 5 });
        expect(first.code).toBe(5);
        expect(error.message).toContain(`disk full: there is no room left in ${one.folder}`);
        one.disk.resize(enough);
        const second = await one.followRemedy(error.remedy);
        expect(second.code, `${shown}\n${second.stdout}\n${second.stderr}`).toBe(0);
        expect((JSON.parse(second.stdout) as RunResult).outcome).toBe("verified");
      }
      expect(await wholeOf(one.output, (command) => one.execute(command))).toEqual(whole);
      one.disk.close();
    },
  );

  it.runIf(missing === undefined)("is met at most of these sizes", () => {
    expect(sufficient).toBeLessThan(sizes.length / 3);
  });

  it.runIf(missing === undefined)("in the temporary folder does not matter", async () => {
    const one = await onDisk("temporary", "8k", true);
    await one.execute(["sh", "-c", `yes > '${join(one.folder, "filler")}' 2>/dev/null`]);
    expect(one.disk.freeBytes()).toBe(0);
    const ran = await one.run();
    expect(ran.code, `${ran.stdout}\n${ran.stderr}`).toBe(0);
    expect(await wholeOf(one.output, (command) => one.execute(command))).toEqual(whole);
  });

  it.runIf(missing === undefined)("that is read-only is refused, and nothing is left", async () => {
    const one = await onDisk("output", "1m", true);
    one.disk.makeReadOnly();
    const refused = await one.run();
    const error = errorSchema.parse(JSON.parse(refused.stdout));
    expect(error).toMatchObject({ code: "AUTOSD-OUTPUT-UNWRITABLE", exitCode: 2 });
    expect(error.message).toContain("read-only");
    expect((await one.execute(["ls", "-A", one.folder])).stdout).toBe("");
  });
});
