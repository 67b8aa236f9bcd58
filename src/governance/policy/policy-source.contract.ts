import { beforeEach, describe, expect, it } from "vitest";
import type { PolicySource } from "./policy-source.port.ts";

/** A source without any files, and a way to write them. */
export interface PolicySourceUnderTest {
  readonly source: PolicySource;
  /** An empty folder of a project of that id. */
  makeProject(project: string): Promise<string>;
  writeUser(text: string): Promise<void>;
  writeProject(
    directory: string,
    file: "policy.json" | "policy.cedar",
    text: string,
  ): Promise<void>;
}

/** What every source of policies does. */
export function describePolicySource(
  name: string,
  make: () => Promise<PolicySourceUnderTest>,
): void {
  describe(`policy source: ${name}`, () => {
    let under: PolicySourceUnderTest;
    beforeEach(async () => {
      under = await make();
    });

    it("finds the folder that was remembered last", async () => {
      const { source } = under;
      expect(await source.placeOf("shop")).toEqual({ kind: "unknown", project: "shop" });
      await source.remember("shop", await under.makeProject("other"));
      const directory = await under.makeProject("shop");
      await source.remember("shop", directory);
      expect(await source.placeOf("shop")).toEqual({ kind: "folder", project: "shop", directory });
    });

    it("reads every layer that is there and calls the others absent", async () => {
      const directory = await under.makeProject("shop");
      const place = { kind: "folder", project: "shop", directory } as const;
      const empty = await under.source.texts(place);
      expect([empty.user, empty.project, empty.overlay].map((one) => one.content.kind)).toEqual([
        "absent",
        "absent",
        "absent",
      ]);
      await under.writeUser("{}");
      await under.writeProject(directory, "policy.json", "[]");
      await under.writeProject(directory, "policy.cedar", "permit;");
      const full = await under.source.texts(place);
      expect(full.user.content).toEqual({ kind: "text", text: "{}" });
      expect(full.project.content).toEqual({ kind: "text", text: "[]" });
      expect(full.overlay.content).toEqual({ kind: "text", text: "permit;" });
    });

    it("calls the project's layer unreadable when the folder is unknown or another project's", async () => {
      const directory = await under.makeProject("bank");
      const wrong = await under.source.texts({ kind: "folder", project: "shop", directory });
      expect(wrong.project.content.kind).toBe("unreadable");
      const unknown = await under.source.texts({ kind: "unknown", project: "shop" });
      expect(unknown.project.content.kind).toBe("unreadable");
    });
  });
}
