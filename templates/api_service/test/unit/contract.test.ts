import { describe, expect, it } from "vitest";
import { contract } from "../support/service.ts";

describe("the API document", () => {
  it("names every operation once", () => {
    const definitions = Object.values(contract.document.paths).flatMap((item) =>
      Object.values(item),
    );
    const names = definitions.map(({ operationId }) => operationId);
    expect(new Set(names).size).toBe(names.length);
  });

  it("documents how every operation with content can fail", () => {
    for (const { id, definition } of contract.operations.values())
      if (definition.requestBody !== undefined)
        expect(Object.keys(definition.responses), id).toEqual(
          expect.arrayContaining(["400", "413", "415", "422"]),
        );
  });

  it("knows the methods of a path", () => {
    expect(contract.methodsOf("/healthz")).toEqual(["GET"]);
    expect(contract.methodsOf("/healthz/more")).toEqual([]);
  });
});
