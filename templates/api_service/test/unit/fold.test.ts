import { describe, expect, it } from "vitest";
import { foldCase, foldText, foldTexts } from "../../src/domain/fold.ts";

describe("folding", () => {
  it("takes away case and accents for search", () => {
    expect(foldText("CRÈME Brûlée")).toBe("creme brulee");
    expect(foldText("Straße")).toBe("strasse");
    expect(foldText("Ångström")).toBe(foldText("a\u030angstrom"));
  });

  it("takes away only case for uniqueness", () => {
    expect(foldCase("RÉSUMÉ")).toBe(foldCase("résumé"));
    expect(foldCase("résumé")).not.toBe(foldCase("resume"));
  });

  it("joins texts and leaves out what is absent", () => {
    expect(foldTexts(["A", null, undefined, "B"])).toBe("a\nb");
  });
});
