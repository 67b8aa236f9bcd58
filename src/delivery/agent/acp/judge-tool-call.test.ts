import { expect, test } from "vitest";
import { answerPermission, deniedToolCall } from "./judge-tool-call.ts";
import type { ToolCall } from "./messages.ts";

const place = {
  folder: "/workspace",
  scratch: ["/tmp"],
  hosts: ["registry.npmjs.org:443"],
};

test.each<[string, ToolCall, string | undefined]>([
  ["tests", { kind: "execute", rawInput: { command: "npm test" } }, undefined],
  ["a push", { kind: "execute", rawInput: { command: "git push" } }, "AUTOSD-ACTION-DENIED"],
  [
    "a push in words of its own",
    { kind: "execute", rawInput: { command: ["bash", "-lc", "npm test && git push -f"] } },
    "AUTOSD-ACTION-DENIED",
  ],
  [
    "a push as an argument array",
    { kind: "other", rawInput: { cmd: ["git", "push", "origin"] } },
    "AUTOSD-ACTION-DENIED",
  ],
  ["a push by its title", { kind: "execute", title: "`git push`" }, "AUTOSD-ACTION-DENIED"],
  ["a text about a push", { kind: "edit", title: "git push" }, undefined],
  ["a file of the project", { kind: "edit", locations: [{ path: "/workspace/a.ts" }] }, undefined],
  ["a file by its relative path", { kind: "edit", locations: [{ path: "./a.ts" }] }, undefined],
  ["a scratch file", { kind: "edit", locations: [{ path: "/tmp/home/x" }] }, undefined],
  ["a system file", { kind: "edit", locations: [{ path: "/etc/hosts" }] }, "AUTOSD-PATH-DENIED"],
  ["reading a system file", { kind: "read", locations: [{ path: "/etc/hosts" }] }, undefined],
  ["a way out", { kind: "move", locations: [{ path: "/workspace/../x" }] }, "AUTOSD-PATH-DENIED"],
  ["a way out of /tmp", { kind: "edit", locations: [{ path: "/tmp/../x" }] }, "AUTOSD-PATH-DENIED"],
  [
    "git's own folder, in a difference",
    { kind: "other", content: [{ type: "diff", path: "/workspace/.git/config" }] },
    "AUTOSD-PATH-DENIED",
  ],
  [
    "a page of the network",
    { kind: "fetch", rawInput: { url: "https://example.com/a" } },
    "AUTOSD-NETWORK-DENIED",
  ],
  [
    "a page of the registry",
    { kind: "fetch", rawInput: { url: "https://registry.npmjs.org/left-pad" } },
    undefined,
  ],
])("judges %s", (_, call, code) => {
  expect(deniedToolCall(call, place)?.code).toBe(code);
});

test("gives leave once and never for good, and says no where that is offered", () => {
  const option = (kind: string) => ({ optionId: kind, kind });
  const all = ["allow_always", "allow_once", "reject_always", "reject_once"].map(option);
  const request = { toolCall: {}, options: all };
  expect(answerPermission(request, true).outcome).toMatchObject({ optionId: "allow_once" });
  expect(answerPermission(request, false).outcome).toMatchObject({ optionId: "reject_once" });
  const always = { toolCall: {}, options: [option("allow_always")] };
  expect(answerPermission(always, true)).toEqual({ outcome: { outcome: "cancelled" } });
  expect(answerPermission(always, false)).toEqual({ outcome: { outcome: "cancelled" } });
});
