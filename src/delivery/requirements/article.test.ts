import { describe, expect, it } from "vitest";
import { articleOf } from "./article.ts";

describe("the article of a noun", () => {
  it.each([
    ["owner", "an"],
    ["Editor", "an"],
    ["umpire", "an"],
    ["reader", "a"],
    ["user", "a"],
    ["university", "a"],
    ["European customer", "a"],
    ["one-time guest", "a"],
  ])("of %s is %s", (noun, article) => {
    expect(articleOf(noun)).toBe(article);
  });
});
