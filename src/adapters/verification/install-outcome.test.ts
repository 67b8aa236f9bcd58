import { describe, expect, it } from "vitest";
import type { ProcessEnd } from "../../kernel/process.ts";
import { installOutcome } from "./install-outcome.ts";

const outcome = (
  stderr: string,
  end: ProcessEnd = { kind: "exited", exitCode: 1 },
  by: "node" | "python" = "node",
) => installOutcome(by, { end, stdout: "", stderr, durationMs: 1 });

describe("what an install came to", () => {
  it.each([
    ["npm error code ENOTFOUND\nnpm error network request to https://r.example/ms failed\n"],
    ["npm error code ECONNREFUSED\n"],
    ["npm error code E503\nnpm error 503 Service Unavailable\n"],
    ["npm error code E429\n"],
    ["npm error code E403\nnpm error 403 Forbidden\n"],
    ["npm error code SELF_SIGNED_CERT_IN_CHAIN\n"],
  ])("%j means that nobody answered", (stderr) => {
    expect(outcome(stderr).kind).toBe("unreachable");
  });

  it.each([
    [
      "npm error code E404\nnpm error 404 Not Found - GET https://r.example/nope\n",
      "404 Not Found - GET https://r.example/nope (E404)",
    ],
    [
      "npm error code EUSAGE\nnpm error\nnpm error `npm ci` can only install packages when your package.json and package-lock.json are in sync.\n",
      "`npm ci` can only install packages when your package.json and package-lock.json are in sync. (EUSAGE)",
    ],
    [
      "npm error code EINTEGRITY\nnpm error sha512-A integrity checksum failed\n",
      "sha512-A integrity checksum failed (EINTEGRITY)",
    ],
    [
      "npm error code ETARGET\nnpm error notarget No matching version found for a@9.\n",
      "notarget No matching version found for a@9. (ETARGET)",
    ],
  ])("%j is a refusal", (stderr, reason) => {
    expect(outcome(stderr)).toMatchObject({ kind: "refused", exitCode: 1, reason });
  });

  it("tells the ends of a process apart", () => {
    expect(outcome("", { kind: "exited", exitCode: 0 }).kind).toBe("installed");
    expect(outcome("", { kind: "timed-out" }).kind).toBe("unreachable");
    expect(outcome("", { kind: "signalled", signal: "SIGKILL" }).kind).toBe("unreachable");
    expect(outcome("", { kind: "not-started", reason: "npm was not found" })).toMatchObject({
      kind: "refused",
      reason: "npm was not found",
    });
  });

  it("knows pip's words", () => {
    const words =
      "WARNING: Retrying: NewConnectionError('...: Temporary failure in name resolution')\nERROR: Could not find a version\n";
    expect(outcome(words, { kind: "exited", exitCode: 1 }, "python").kind).toBe("unreachable");
    expect(
      outcome(
        "ERROR: No matching distribution found for nope==1\n",
        { kind: "exited", exitCode: 1 },
        "python",
      ),
    ).toMatchObject({
      kind: "refused",
      reason:
        "ERROR: No matching distribution found for nope==1 (wheels only: a package that would have to be built is not taken)",
    });
  });
});
