import { describe, expect, it } from "vitest";
import { readQuality } from "./read-quality.ts";
import { Vocabulary } from "./vocabulary.ts";

const vocabulary = new Vocabulary(["note", "folder"]);
const read = (text: string) => readQuality(text, vocabulary);

describe("a limit of time", () => {
  it.each([
    ["Search answers within 200 ms with 10,000 notes.", 200, 10_000, "search", "note"],
    ["Lists should load in under a second.", 1000, undefined, "list", undefined],
    ["Saving a note takes at most half a second.", 500, undefined, "create", "note"],
    [
      "Responses take less than 200 ms at the 95th percentile.",
      200,
      undefined,
      undefined,
      undefined,
    ],
    [
      "Speed | With 5k folders every request is answered in 1.5 seconds.",
      1500,
      5000,
      undefined,
      "folder",
    ],
  ])("is read with what is timed: %s", (text, limitMs, records, operation, entity) => {
    expect(read(text)).toEqual({
      aspects: [{ kind: "response-time", limitMs, records, operation, entity }],
      rest: [],
    });
  });

  it.each([
    "Notes must hum in under 200 ms when somebody sings.",
    "Opening a note with 50 tags takes less than 100 ms.",
    "A parcel arrives in less than two seconds.",
  ])("on something that no operation does is left over: %s", (text) => {
    const { aspects, rest } = read(text);
    expect(aspects).toEqual([]);
    expect(rest).toHaveLength(1);
  });
});

describe("several statements in one sentence", () => {
  it("are each read", () => {
    const { aspects, rest } = read(
      "The service reports its health and writes logs without tokens.",
    );
    expect(aspects).toEqual([{ kind: "health" }, { kind: "logs", withoutSecrets: true }]);
    expect(rest).toEqual([]);
  });

  it.each([
    ["The service must be fast and must hum.", "must hum"],
    ["People can juggle, and it must be fast.", "people can juggle"],
    ["Data survives a restart, and stickers glow.", "stickers glow"],
  ])("leave over what is no quality: %s", (text, left) => {
    expect(read(text).rest).toEqual([left]);
  });
});

it("a figure that is no time is kept as a figure, and no figure as unmeasured", () => {
  expect(read("The service must handle 500 requests per second.").aspects).toEqual([
    { kind: "other-measure", figure: "500 requests per second" },
  ]);
  expect(read("Requests larger than 1 MB are refused.").aspects).toEqual([
    { kind: "body-limit", bytes: 1024 * 1024 },
  ]);
  expect(read("The service must be fast.").aspects).toEqual([
    { kind: "unmeasured", words: "the service must be fast" },
  ]);
});
