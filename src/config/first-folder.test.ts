import { expect, test } from "vitest";
import { firstFolder } from "./first-folder.ts";

const absent = (): string => {
  throw new Error("no such user");
};

test("the first absolute path is taken, past what is empty, relative or fails", () => {
  expect(firstFolder([() => "", () => "relative", absent, () => "/a", () => "/b"])).toBe("/a");
});

test("without any there is none", () => {
  expect(firstFolder([absent, () => ""])).toBeUndefined();
});
