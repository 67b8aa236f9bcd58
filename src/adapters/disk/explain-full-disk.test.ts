import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { VerificationError } from "../../delivery/verification/errors.ts";
import { RunError } from "../../engine/ports/errors.ts";
import { DiskFullError } from "../../kernel/errors.ts";
import { explainFullDisk, saysFullDisk } from "./explain-full-disk.ts";

const home = await mkdtemp(join(tmpdir(), "autosd-explain-"));
afterAll(() => rm(home, { recursive: true, force: true }));

const work = { folders: [home], resume: "autosd runs resume run_1" };
const explained = (error: unknown): unknown => explainFullDisk(error, work);
const noSpace = (more: object = {}): Error =>
  Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" }, more);

describe("a full disk", () => {
  it.each([
    ["a bare system error", noSpace()],
    ["its cause, however deep", new Error("a", { cause: new Error("b", { cause: noSpace() }) })],
    [
      "a tool's own words about the machine",
      new VerificationError("AUTOSD-INSTALL-FAILED", "npm: ENOSPC"),
    ],
    ["a file in a scratch folder", noSpace({ path: join(home, "work", "gone", "file") })],
  ])("is told from %s, by the folder and the command that goes on", (_what, error) => {
    expect(explained(error)).toMatchObject({
      code: "AUTOSD-DISK-FULL",
      exitCode: 5,
      retryable: true,
      message: `disk full: there is no room left in ${home}`,
      remedy: `Free disk space in ${home}, then run: autosd runs resume run_1`,
      cause: error,
    });
  });

  it("names the folder of the file that had no room, elsewhere than where autosd writes", () => {
    const error = explained(noSpace({ path: "/proc/file" }));
    expect(error).toMatchObject({ folder: "/proc" });
  });

  it("is told from trouble of the machine where there is no room, whatever the words", () => {
    const trouble = new VerificationError("AUTOSD-VERIFY-STORAGE", "it does not work");
    const elsewhere = { ...work, folders: [home, "/proc"] };
    expect(explainFullDisk(trouble, elsewhere)).toMatchObject({ folder: "/proc" });
    const refusal = new RunError("AUTOSD-RUN-UNKNOWN", "there is no such run");
    expect(explainFullDisk(refusal, elsewhere)).toBe(refusal);
  });

  it("keeps the command that was named first", () => {
    const first = explained(noSpace());
    expect(explainFullDisk(first, { ...work, resume: "something else" })).toBe(first);
    expect(explained(new DiskFullError(home))).toMatchObject({
      remedy: `Free disk space in ${home}, then run: autosd runs resume run_1`,
    });
  });
});

describe("anything else", () => {
  it.each([
    ["a bug", new TypeError("x is not a function")],
    ["no error at all", "text"],
    ["a refusal that quotes a person", new RunError("AUTOSD-RUN-ID-INVALID", '"ENOSPC" is no id')],
    ["trouble of the machine with room", new VerificationError("AUTOSD-INSTALL-FAILED", "away")],
  ])("stays what it is: %s", (_what, error) => {
    expect(explained(error)).toBe(error);
    expect(saysFullDisk(error)).toBe(false);
  });

  it("ends at causes that go in a circle", () => {
    const error = new Error("round");
    error.cause = error;
    expect(explained(error)).toBe(error);
  });
});
