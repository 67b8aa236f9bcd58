import { expect, test } from "vitest";
import { nearMatch } from "./near-match.ts";

const words = ["maxTaskAttempts", "provider", "sandbox", "color", "home"];

test.each([
  ["provder", "provider"],
  ["rpovider", "provider"],
  ["Provider", "provider"],
  ["sand-box", "sandbox"],
  ["max_task_attempts", "maxTaskAttempts"],
  ["colour", "color"],
  ["hom", "home"],
])("%s was meant to be %s", (word, meant) => {
  expect(nearMatch(word, words)).toBe(meant);
});

test.each(["", "network", "hat", "x", "maxStories", "p".repeat(10_000)])(
  "%j was meant to be none",
  (word) => {
    expect(nearMatch(word, words)).toBeUndefined();
  },
);
