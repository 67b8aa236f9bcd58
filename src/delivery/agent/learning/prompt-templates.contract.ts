import { describe, expect, it } from "vitest";
import type { PromptTemplates, TemplatePlace } from "./prompt-templates.port.ts";

/** What the contract needs from an adapter; the package has `implement@1` and `refine@1`. */
export interface PromptTemplatesUnderTest {
  readonly templates: PromptTemplates;
  /** Two folders of projects, empty. */
  readonly projects: readonly [string, string];
}

const reason = { base: "implement@1", remedies: ["r"], evidence: ["3 of 3"], atMs: 0 };

/** What every keeper of prompt templates does; an adapter's tests call it. */
export function promptTemplatesContract(
  name: string,
  open: () => Promise<PromptTemplatesUnderTest>,
): void {
  describe(`${name}: prompt templates`, () => {
    it("has the package's templates in force, until there are others", async () => {
      const { templates, projects } = await open();
      expect(await templates.names()).toEqual(["implement", "refine"]);
      const inForce = await templates.inForce("implement", projects[0]);
      expect(inForce).toMatchObject({ id: "implement@1", scope: "package", version: 1 });
      await expect(templates.inForce("nothing", undefined)).rejects.toMatchObject({
        code: "AUTOSD-MODEL-UNCONFIGURED",
      });
    });

    it("puts a project's own before the home folder's before the package's, the newest of each", async () => {
      const { templates, projects } = await open();
      const [own, other] = projects;
      const home = await templates.add({ scope: "home" }, "implement", "from home\n", reason);
      expect(home.id).toMatch(/^implement@2\+home\.[0-9a-f]{12}$/);
      expect(await templates.inForce("implement", own)).toEqual(home);
      const place: TemplatePlace = { scope: "project", directory: own };
      await templates.add(place, "implement", "third\n", { ...reason, base: home.id });
      const newest = await templates.add(place, "implement", "fourth\n", reason);
      expect(newest).toMatchObject({ version: 4, scope: "project", text: "fourth" });
      expect(await templates.inForce("implement", own)).toEqual(newest);
      expect(await templates.inForce("implement", other)).toEqual(home);
      expect(await templates.inForce("refine", own)).toMatchObject({ id: "refine@1" });
    });

    it("finds the version that a journal names, and no other text under its name", async () => {
      const { templates, projects } = await open();
      const written = await templates.add({ scope: "home" }, "implement", "a\n", reason);
      expect(await templates.named(written.id, projects[0])).toEqual(written);
      expect(await templates.named("implement@1", undefined)).toMatchObject({ version: 1 });
      await templates.takeBack({ scope: "home" }, undefined, 1);
      await templates.add({ scope: "home" }, "implement", "b\n", reason);
      expect(await templates.named(written.id, projects[0])).toBeUndefined();
      for (const id of ["implement@7", "implement", "../x@1", "implement@2+project.0123456789ab"])
        expect(await templates.named(id, projects[0])).toBeUndefined();
    });

    it("takes back one version after the other, newest first, and logs it", async () => {
      const { templates, projects } = await open();
      const place: TemplatePlace = { scope: "project", directory: projects[0] };
      const before = await templates.inForce("implement", projects[0]);
      const first = await templates.add(place, "implement", "one\n", reason);
      await templates.add(place, "implement", "two\n", { ...reason, base: first.id });
      const back = await templates.takeBack(place, "implement", 5);
      expect(back).toMatchObject({ kind: "undone", wasThere: true, change: { version: 3 } });
      expect(await templates.inForce("implement", projects[0])).toEqual(first);
      expect(await templates.takeBack(place, "refine", 5)).toEqual({ kind: "nothing" });
      await templates.takeBack(place, undefined, 6);
      expect(await templates.inForce("implement", projects[0])).toEqual(before);
      expect(await templates.takeBack(place, undefined, 7)).toEqual({ kind: "nothing" });
      const log = (await templates.changes(place)).map((one) => `${one.kind} ${one.version}`);
      expect(log).toEqual(["written 2", "written 3", "undone 3", "undone 2"]);
    });
  });
}
