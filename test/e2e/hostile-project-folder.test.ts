import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { discount, ExistingWorld, nodeFiles, resultOf } from "../support/existing-world.ts";

describe("a project whose .autosd was not written by this home", () => {
  let world: ExistingWorld;
  beforeAll(async () => {
    world = await ExistingWorld.create(discount("total - (total * percent) / 100"), nodeFiles);
    const first = await world.run();
    expect(first.code, first.stderr).toBe(0);
  });
  afterAll(() => world.dispose());

  it("is proven by its commits on another machine, and planned from the requirements alone", async () => {
    const shown = async () => {
      const backlog = await world.place.autosd(["backlog", "show", "--json"], {
        cwd: world.repository.root,
      });
      expect(backlog.code, backlog.stderr).toBe(0);
      return JSON.parse(backlog.stdout) as { readonly provenHere: boolean };
    };
    expect(await shown()).toMatchObject({ provenHere: true });
    await rm(world.place.home, { recursive: true });
    expect(await shown()).toMatchObject({ provenHere: false });
    const asked = world.shown.length;
    const again = await world.run();
    expect(again.code, again.stderr).toBe(0);
    expect(again.stderr).toContain("came from elsewhere");
    // Its plan is asked for anew; the story that its commit shows to be done is not.
    const story = world.shown.slice(asked).filter((text) => text.includes("discount.test.js"));
    expect(story.filter((text) => text.includes("npm test"))).toEqual([]);
    expect(resultOf(again).stories).toMatchObject([{ id: "ST-1", status: "done" }]);
    expect(await shown()).toMatchObject({ provenHere: true });
  });

  it("has no story done by a commit that was not made for it", async () => {
    const file = join(world.repository.root, ".autosd", "backlog.json");
    const done = resultOf(await world.run()).stories[0]?.commit ?? "";
    const foreign = world.repository.git("rev-parse", "main");
    const text = await readFile(file, "utf8");
    await writeFile(file, text.replaceAll(done, foreign));
    const asked = world.shown.length;
    const planted = await world.run();
    expect(planted.stderr).toContain("ST-1 is not believed to be done");
    expect(world.shown.length).toBeGreaterThan(asked);
    // It is there already and nothing shows that the story brought it: that is no success.
    expect(planted.code).toBe(4);
  });
});
