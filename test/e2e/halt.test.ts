import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Place } from "../support/cli.ts";

const requirements = [
  "# Notes",
  "A note has a title (required, at most 80 characters) and a text.",
  "People can add notes, look at a note, list notes and delete notes.",
].join("\n\n");

describe("the kill switch", () => {
  let place: Place;
  beforeAll(async () => {
    place = await Place.create();
  });
  afterAll(() => place.dispose());

  it("asking about policy writes nothing, not even the home folder", async () => {
    for (const args of [
      ["policy", "show"],
      ["policy", "show", "--project", "notes"],
      ["policy", "explain", "--project", "notes", "--action", "push"],
    ])
      await place.autosd(args);
    await expect(readdir(place.home)).rejects.toMatchObject({ code: "ENOENT" });
  });

  it(
    "stops a run of another process at its next step, and the run finishes after it is lifted",
    { timeout: 900_000 },
    async () => {
      const run = ["run", "--requirements-text", requirements, "--output-dir", place.path("notes")];
      const child = place.start([...run, "--project-id", "notes"]);
      let seen = "";
      let halting: ReturnType<Place["autosd"]> | undefined;
      const watch = (chunk: Buffer): void => {
        seen += chunk.toString();
        if (/ST-1\b/.test(seen)) halting ??= place.autosd(["halt", "--project", "notes"]);
      };
      child.stdout?.on("data", watch);
      child.stderr?.on("data", watch);
      const [code] = (await once(child, "exit")) as [number | null];
      expect((await halting)?.code).toBe(0);
      expect(code, seen).toBe(7);
      expect(seen).toContain("AUTOSD-HALTED-RUN");
      expect(seen).toContain("autosd resume --project notes && autosd runs resume run_");

      const refused = await place.autosd(["runs", "resume"]);
      expect(refused.code).toBe(3);
      expect(refused.stderr).toContain("AUTOSD-HALTED");
      expect((await place.autosd(run)).code).toBe(3);
      expect((await place.autosd(["backlog", "refine", "--project", "notes"])).code).toBe(3);
      // Without an operator's key nobody lifts it.
      expect((await place.autosd(["resume", "--project", "notes"])).code).toBe(2);
      expect((await place.autosd(["preauth", "init-keys"])).code).toBe(0);
      const lifted = await place.autosd(["resume", "--project", "notes"]);
      expect(lifted.code, lifted.stderr).toBe(0);

      const finished = await place.autosd(["runs", "resume"]);
      expect(finished.code, finished.stderr).toBe(0);
      const audit = await place.run("cat", [`${place.home}/audit.log.jsonl`]);
      const kinds = [...audit.stdout.matchAll(/"kind":"([a-z.]+)"/g)].map((match) => match[1]);
      expect(kinds.filter((kind) => kind === "halt" || kind === "resume")).toEqual([
        "halt",
        "resume",
      ]);
    },
  );
});
