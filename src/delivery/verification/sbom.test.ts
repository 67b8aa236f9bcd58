import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { requirementsProblems, sbomOf, sbomProblems } from "./sbom.ts";

const integrity = `sha512-${Buffer.alloc(64, 1).toString("base64")}`;
const lockfile = {
  name: "sample",
  version: "1.0.0",
  lockfileVersion: 3,
  packages: {
    "": {
      name: "sample",
      version: "1.0.0",
      dependencies: { "@scope/a": "1.2.3", b: "2.0.0" },
      devDependencies: { c: "3.0.0" },
    },
    "node_modules/@scope/a": {
      version: "1.2.3",
      integrity,
      license: "MIT",
      dependencies: { b: "^1.0.0" },
    },
    "node_modules/@scope/a/node_modules/b": {
      version: "1.9.9",
      integrity,
      license: "MIT OR Apache-2.0",
    },
    "node_modules/b": { version: "2.0.0", integrity, license: "See LICENSE" },
    "node_modules/c": { version: "3.0.0", integrity, dev: true },
  },
};
const subject = { name: "sample", version: "1.0.0" };

interface Bom {
  readonly bomFormat: string;
  readonly specVersion: string;
  readonly serialNumber: string;
  readonly components: readonly Readonly<Record<string, unknown>>[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}
const bomOf = (value: object): Bom => JSON.parse(sbomOf(JSON.stringify(value), subject)) as Bom;

describe("the bill of materials", () => {
  it("names every package with purl, hash, licence and scope", () => {
    const bom = bomOf(lockfile);
    expect([bom.bomFormat, bom.specVersion]).toEqual(["CycloneDX", "1.6"]);
    expect(bom.components.map((one) => [one["purl"], one["scope"]])).toEqual([
      ["pkg:npm/%40scope/a@1.2.3", "required"],
      ["pkg:npm/b@1.9.9", "required"],
      ["pkg:npm/b@2.0.0", "required"],
      ["pkg:npm/c@3.0.0", "excluded"],
    ]);
    expect(bom.components[0]).toMatchObject({
      group: "@scope",
      name: "a",
      hashes: [{ alg: "SHA-512", content: "01".repeat(64) }],
      licenses: [{ license: { id: "MIT" } }],
    });
    expect(bom.components[1]).toMatchObject({ licenses: [{ expression: "MIT OR Apache-2.0" }] });
    expect(bom.components[2]).toMatchObject({ licenses: [{ license: { name: "See LICENSE" } }] });
    expect(bom.components[3]).not.toHaveProperty("licenses");
  });

  it("resolves dependencies as Node does", () => {
    const { dependencies } = bomOf(lockfile);
    expect(dependencies.find((one) => one.ref === "pkg:npm/%40scope/a@1.2.3")?.dependsOn).toEqual([
      "pkg:npm/b@1.9.9",
    ]);
    expect(dependencies.find((one) => one.ref === "pkg:npm/sample@1.0.0")?.dependsOn).toEqual([
      "pkg:npm/%40scope/a@1.2.3",
      "pkg:npm/b@2.0.0",
      "pkg:npm/c@3.0.0",
    ]);
  });

  it("is the same text for the same lockfile in any order, and another for another", () => {
    const entries = Object.entries(lockfile.packages);
    fc.assert(
      fc.property(fc.shuffledSubarray(entries, { minLength: entries.length }), (shuffled) => {
        const other = { ...lockfile, packages: Object.fromEntries(shuffled) };
        expect(sbomOf(JSON.stringify(other), subject)).toBe(
          sbomOf(JSON.stringify(lockfile), subject),
        );
      }),
      { numRuns: 20 },
    );
    const changed = JSON.stringify(lockfile).replaceAll("3.0.0", "3.0.1");
    expect((JSON.parse(sbomOf(changed, subject)) as Bom).serialNumber).not.toBe(
      bomOf(lockfile).serialNumber,
    );
    expect(bomOf(lockfile).serialNumber).toMatch(
      /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  });

  it("refuses what is no lockfile", () => {
    for (const text of ["", "{", "[]", '{"lockfileVersion":1}'])
      expect(() => sbomOf(text, subject)).toThrow(TypeError);
  });

  it("says what is missing in a lockfile", () => {
    expect(sbomProblems(JSON.stringify(lockfile))).toEqual({
      problems: [],
      components: 4,
      unlicensed: 1,
    });
    const bare = structuredClone(lockfile) as { packages: Record<string, object> };
    bare.packages["node_modules/b"] = { version: "2.0.0" };
    delete bare.packages["node_modules/c"];
    expect(sbomProblems(JSON.stringify(bare)).problems).toEqual([
      "node_modules/b has no checksum in package-lock.json",
      "c is missing from package-lock.json",
    ]);
    expect(requirementsProblems("a==1\nb>=2 # newer\n").problems).toEqual([
      "b is not pinned to one version",
    ]);
  });
});
