import { describe, expect, it } from "vitest";
import { bookmarksModel } from "../../../../test/system/api-service/models/bookmarks.ts";
import { newestPerFeature } from "./kept.ts";

const [feature] = bookmarksModel.features;
if (feature === undefined) throw new Error("the model has no features");

describe("what is kept for a feature", () => {
  it("is made once for the same model, feature and key", () => {
    const keep = newestPerFeature<object>();
    const model = { ...bookmarksModel };
    const first = keep(model, feature, "k", () => ({}));
    expect(keep(model, feature, "k", () => ({}))).toBe(first);
  });

  it("is made again for another key, feature or model, and only the newest key is kept", () => {
    const keep = newestPerFeature<object>();
    const model = { ...bookmarksModel };
    const first = keep(model, feature, "k", () => ({}));
    expect(keep({ ...bookmarksModel }, feature, "k", () => ({}))).not.toBe(first);
    expect(keep(model, { ...feature }, "k", () => ({}))).not.toBe(first);
    expect(keep(model, feature, "k", () => ({}))).toBe(first);
    const second = keep(model, feature, "other", () => ({}));
    expect(second).not.toBe(first);
    expect(keep(model, feature, "k", () => ({}))).not.toBe(first);
  });
});
