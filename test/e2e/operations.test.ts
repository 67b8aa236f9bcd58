import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Place, program, repository } from "../support/cli.ts";

interface Command {
  readonly line: string;
  readonly exitCode: number;
}

/** Every `$` line of the handbook's console blocks, in order. */
function commandsOf(handbook: string): readonly Command[] {
  const blocks = [...handbook.matchAll(/^```console\n(.*?)^```/gms)].map((match) => match[1] ?? "");
  return blocks
    .flatMap((block) => block.split("\n"))
    .filter((line) => line.startsWith("$ "))
    .map((line) => {
      const expected = /#\s*exits (\d+)\s*$/.exec(line);
      return {
        line: line.slice(2).replace(/\s*#\s*exits \d+\s*$/, ""),
        exitCode: expected === null ? 0 : Number(expected[1]),
      };
    });
}

const commands = commandsOf(await readFile(join(repository, "OPERATIONS.md"), "utf8"));

describe("OPERATIONS.md", () => {
  let place: Place;
  let path = "";

  beforeAll(async () => {
    place = await Place.create();
    const bin = place.path("bin");
    await mkdir(bin);
    await mkdir(place.path("work"));
    await writeFile(
      join(bin, "autosd"),
      `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`,
      { mode: 0o755 },
    );
    path = `${bin}:${process.env["PATH"] ?? ""}`;
  });
  afterAll(() => place.dispose());

  it("has commands to run", () => {
    expect(commands.length).toBeGreaterThan(20);
  });

  it.each(commands.map((command, index) => ({ ...command, index })))(
    "$index: $line",
    async ({ line, exitCode }) => {
      const result = await place.run("bash", ["-o", "pipefail", "-c", line], {
        cwd: place.path("work"),
        env: { PATH: path, AUTOSD_EXAMPLES: join(repository, "examples") },
      });
      expect(result.code, `${line}\n${result.stdout}\n${result.stderr}`).toBe(exitCode);
    },
  );
});
