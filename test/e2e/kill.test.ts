import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunResult } from "../../src/engine/autosd.ts";
import { Place } from "../support/cli.ts";

const requirements = [
  "# Notes",
  "A note has a title (required, at most 80 characters) and a text.",
  "People can add notes, look at a note, list notes and delete notes.",
].join("\n\n");

describe("a run that is killed", () => {
  let place: Place;
  beforeAll(async () => {
    place = await Place.create();
  });
  afterAll(() => place.dispose());

  it(
    "goes on where it was with the same command, and commits every story once",
    { timeout: 900_000 },
    async () => {
      const args = [
        "run",
        "--requirements-text",
        requirements,
        "--output-dir",
        place.path("notes"),
        "--json",
      ];
      // Killed the n-th time a line of this kind appears: each life ends somewhere else.
      const markers = [/^/m, /install/i, /ST-1\b/, /ST-2\b/, /tests/i, /ST-3\b/, /ST-4\b/];
      let lives = 0;
      for (const marker of markers) {
        const child = place.start(args);
        let seen = "";
        child.stderr?.on("data", (chunk: Buffer) => {
          seen += chunk.toString();
          if (marker.test(seen)) child.kill("SIGKILL");
        });
        const [, signal] = (await once(child, "exit")) as [number | null, string | null];
        if (signal === "SIGKILL") lives += 1;
      }
      expect(lives).toBeGreaterThan(3);

      const last = await place.autosd(args);
      expect(last.code, last.stderr).toBe(0);
      const result = JSON.parse(last.stdout) as RunResult;
      const log = await place.run("git", [
        "-C",
        place.path("notes"),
        "log",
        "--format=%(trailers:key=Story,valueonly)",
      ]);
      const stories = log.stdout.split("\n").filter((line) => line !== "");
      expect([...stories].sort()).toEqual(result.stories.map((story) => story.id).sort());
      const fsck = await place.run("git", ["-C", place.path("notes"), "fsck", "--strict"]);
      expect(fsck.code, fsck.stderr).toBe(0);
      const status = await place.run("git", ["-C", place.path("notes"), "status", "--porcelain"]);
      expect(status.stdout).toBe("");
      const runs = await place.autosd(["runs", "list", "--json"]);
      expect(runs.code).toBe(0);
    },
  );
});
