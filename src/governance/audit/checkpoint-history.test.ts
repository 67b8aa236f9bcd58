import { expect, it } from "vitest";
import { withWitnessAnchor } from "./anchors.ts";
import { historyLine, parseHistory, thinnedHistory } from "./checkpoint-history.ts";

/** A note of an epoch, cosigned or not; nobody verifies it here. */
function noteOf(size: number, epoch: number, isCosigned = false): string {
  const root = Buffer.alloc(32, 1).toString("base64");
  const by = (name: string, id: number) =>
    `\u2014 ${name} ${Buffer.concat([Buffer.alloc(4, id), Buffer.alloc(64)]).toString("base64")}\n`;
  return `log\n${size}\n${root}\n\n${by("log", epoch)}${isCosigned ? by("witness", 200) : ""}`;
}

it("keeps the last of each epoch, the cosigned and the newest, in their order", () => {
  const notes = Array.from({ length: 60 }, (_, at) =>
    noteOf(at, Math.floor(at / 20), at % 25 === 3),
  );
  const lineBytes = Buffer.byteLength(historyLine(noteOf(10, 1)));
  const limits = {
    cosignedBytes: 6 * lineBytes,
    epochBytes: 4 * lineBytes,
    recentBytes: 3 * lineBytes,
  };
  const sizes = thinnedHistory(notes, limits).map((note) => Number(note.split("\n")[1]));
  expect(sizes).toEqual([3, 19, 28, 39, 53, 56, 57, 58, 59]);
});

it("is bounded, however long it was", () => {
  const notes = Array.from({ length: 5_000 }, (_, at) => noteOf(at, at % 250, at % 3 === 0));
  const lines = thinnedHistory(notes).map(historyLine);
  expect(lines.join("").length).toBeLessThanOrEqual(512 * 1024);
  expect(lines.at(-1)).toBe(historyLine(notes.at(-1) ?? ""));
});

it("reads what is there, counts what is none, and ignores what is still being written", () => {
  const text = `${historyLine("a")}{"v":2}\nrubbish\n${historyLine("b")}{"v":1,"no`;
  expect(parseHistory(text)).toEqual({
    kept: [
      { number: 1, note: "a" },
      { number: 4, note: "b" },
    ],
    unreadable: 2,
  });
});

it("lets anchors of witnesses give way, never those that were handed in", () => {
  let anchors: ReturnType<typeof withWitnessAnchor> = [{ note: "handed", addedAtMs: 0 }];
  for (let at = 1; at <= 600; at += 1)
    anchors = withWitnessAnchor(anchors, { note: `n${at}`, addedAtMs: at });
  expect(anchors.length).toBe(501);
  expect(anchors[0]).toEqual({ note: "handed", addedAtMs: 0 });
  expect(anchors[1]?.note).toBe("n101");
  expect(anchors.at(-1)).toEqual({ note: "n600", addedAtMs: 600, by: "witnesses" });
});
