import { describe, expect, it } from "vitest";
import { parseStatus } from "./status.ts";

describe("the status of a run", () => {
  it("is read from the lines of the stage script", () => {
    expect(parseStatus("pid 77 pid:[12]\nexit 3\n")).toEqual({
      init: { pid: 77, namespace: "pid:[12]" },
      started: false,
      end: { kind: "exited", exitCode: 3 },
      failure: undefined,
    });
    expect(parseStatus("signal 9\n").end).toEqual({ kind: "signalled", signal: "SIGKILL" });
  });

  it("is read from bubblewrap's JSON", () => {
    const line = '{ "child-pid": 8, "mnt-namespace": 1, "pid-namespace": 4026532178 }\n';
    expect(parseStatus(line).init).toEqual({ pid: 8, namespace: "pid:[4026532178]" });
  });

  it("cannot be changed by what comes after the start of the command", () => {
    const status = parseStatus("started\nfailed mount /\nnot-started x: gone\n");
    expect([status.failure, status.end]).toEqual([undefined, undefined]);
  });

  it("keeps the first word on each subject", () => {
    const status = parseStatus(
      'pid 7 pid:[1]\n{ "child-pid": 9, "pid-namespace": 2 }\nexit 1\nexit 0\n',
    );
    expect(status.init?.pid).toBe(7);
    expect(status.end).toEqual({ kind: "exited", exitCode: 1 });
  });

  it("takes torn and foreign lines for nothing", () => {
    expect(parseStatus('{ "child-pid": "x" }\n{\n\n\0\nexi').init).toBeUndefined();
  });
});
