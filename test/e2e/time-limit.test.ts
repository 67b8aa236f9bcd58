import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import type { RunResult } from "../../src/engine/autosd.ts";
import { Place } from "../support/cli.ts";

let place: Place;
beforeAll(async () => {
  place = await Place.create();
});
afterAll(() => place.dispose());

const errorSchema = z.object({ code: z.string(), exitCode: z.number(), remedy: z.string() });

it("a run that used up its time ends with 7, and the printed command ends it", async () => {
  const output = place.path("cats");
  const text = ["--requirements-text", "A cat has a name. Cats can be added."];
  const args = ["run", ...text, "--output-dir", output, "--timeout-seconds", "2", "--json"];
  const cut = await place.autosd(args);
  const error = errorSchema.parse(JSON.parse(cut.stdout));
  expect(error).toMatchObject({ code: "AUTOSD-RUN-TIMEOUT", exitCode: 7 });
  expect(cut.code).toBe(7);
  const [program, ...resume] = error.remedy.split(" ");
  expect(program).toBe("autosd");
  const ended = await place.autosd([...resume, "--json"]);
  expect(ended.code, ended.stderr).toBe(0);
  expect((JSON.parse(ended.stdout) as RunResult).outcome).toBe("verified");
  expect((await place.run("git", ["-C", output, "status", "--porcelain"])).stdout).toBe("");
});
