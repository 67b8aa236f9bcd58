import { generateKeyPairSync, sign, verify } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { createMemoryHaltSwitch } from "../../adapters/governance/memory-halt-switch.ts";
import type { EntryDraft } from "../../governance/audit/entry.ts";
import { GovernanceError } from "../../governance/errors.ts";
import type { LogFacts, RecordedHalt } from "../../governance/grants/log-facts.ts";
import type { TrustList } from "../../governance/keys/trust.ts";
import type { HaltSwitch } from "../../governance/policy/halt-switch.port.ts";
import { resumeBytes, signedResumeSchema } from "../../governance/policy/resume-statement.ts";
import { fromBase64Url } from "../../kernel/base64url.ts";
import { silentLog } from "../../kernel/log.ts";
import type { Ctx } from "../ports/run-engine.port.ts";
import { createHaltCalls, type HaltCalls } from "./halt-calls.ts";
import type { HaltServices } from "./halt-services.ts";
import { haltable, refuseHalted } from "./refuse-halted.ts";

const { publicKey, privateKey } = generateKeyPairSync("ed25519");
const kid = "k".repeat(43);
const { x = "" } = publicKey.export({ format: "jwk" });
const jwk = { kty: "OKP", crv: "Ed25519", x } as const;

function trusting(changes: Partial<TrustList["keys"][number]> = {}): TrustList {
  const key = {
    kid,
    jwk,
    operator: "ana",
    roles: ["operator" as const],
    protection: "passphrase" as const,
    notAfter: null,
    lastValidSeq: null,
    ...changes,
  };
  return { v: 1, origin: "log", genesis: "g", version: 1, keys: [key] };
}

/** A log in an array: what the calls may rely on, without files. */
function memoryLog(entries: EntryDraft[]): HaltServices["audit"] {
  const facts = (): LogFacts => ({
    origin: "log",
    size: entries.length,
    root: `root-${entries.length}`,
    lastTimeMs: 0,
    rootAt: async (size) => (size <= entries.length ? `root-${size}` : undefined),
    issuedAt: () => undefined,
    signersOf: () => [],
    isRevoked: () => false,
    revokedAt: () => undefined,
    recordedTrust: () => undefined,
    usageOf: () => ({ uses: 0, spendMicrousd: 0, lastReservedAtMs: undefined }),
    reservationOf: () => undefined,
    openReservationsOf: () => [],
    policyOf: () => undefined,
    claimedReleases: () => [],
    claimedReinstatements: () => [],
    gatesOf: async () => [],
    haltOf: (project) => haltIn(entries, project) ?? haltIn(entries, "*"),
    recordedHalt: (name) => recordedIn(entries, name),
  });
  return async () => ({
    facts: async () => facts(),
    transact: async (work) => {
      const decided = await work(facts());
      const from = entries.length;
      entries.push(...decided.append);
      const written = decided.append.map((draft, index) => ({
        ...draft,
        v: 1 as const,
        seq: from + index,
        prev: "",
        ts: "",
      }));
      return { value: decided.value, entries: written };
    },
  });
}

function haltIn(entries: readonly EntryDraft[], project: string) {
  const seq = entries.findLastIndex((one) => one.project === project);
  const last = entries[seq];
  return last?.kind === "halt" ? { seq, reason: last.reason ?? "" } : undefined;
}

function recordedIn(entries: readonly EntryDraft[], name: string): RecordedHalt | undefined {
  const about = entries.map((entry, seq) => ({ entry, seq }));
  const ofName = about.filter(({ entry }) => entry.project === name);
  const halt = ofName.findLast(({ entry }) => entry.kind === "halt");
  if (halt === undefined) return undefined;
  const lifts = ofName
    .filter(({ entry, seq }) => entry.kind === "resume" && seq > halt.seq)
    .map(({ entry, seq }) => ({ seq, details: entry.details }));
  return { seq: halt.seq, reason: halt.entry.reason ?? "", lifts };
}

let entries: EntryDraft[];
let halts: HaltSwitch;
let trust: TrustList | undefined;
let services: HaltServices;
let calls: HaltCalls;

beforeEach(() => {
  entries = [];
  halts = createMemoryHaltSwitch();
  trust = trusting();
  services = {
    halts,
    audit: memoryLog(entries),
    keys: async () => ({
      trust: async () => trust,
      signer: async () => ({
        kid,
        jwk,
        protection: "passphrase",
        sign: async (bytes) => sign(null, bytes, privateKey),
      }),
    }),
    clock: { now: () => 5_000, monotonicMs: () => 0 },
    log: silentLog,
    projects: async () => ["shop", "bookmarks"],
    operator: "ana",
  };
  calls = createHaltCalls(services);
});

describe("halting", () => {
  it("throws the switch and records it, once", async () => {
    const first = await calls.halt({ project: "shop", reason: "wrong prices" });
    expect(first).toEqual({
      halt: { project: "shop", reason: "wrong prices", by: "ana", atMs: 5_000 },
      alreadyHalted: false,
      notRecorded: null,
      unknownProject: null,
    });
    const again = await calls.halt({ project: "shop", reason: "other" });
    expect(again).toMatchObject({ alreadyHalted: true, halt: { reason: "wrong prices" } });
    expect(entries).toEqual([
      {
        kind: "halt",
        actor: { type: "operator", id: "ana" },
        project: "shop",
        reason: "wrong prices",
      },
    ]);
  });

  it.each([
    ["bokmarks", { near: "bookmarks" }],
    ["something-else", { near: null }],
    ["bookmarks", null],
    ["*", null],
  ])("halts %s, and says whether such a project is known", async (project, unknownProject) => {
    expect(await calls.halt({ project, reason: "" })).toMatchObject({ unknownProject });
    expect(await halts.haltOf("bookmarks")).toEqual(
      ["bookmarks", "*"].includes(project) ? expect.anything() : undefined,
    );
  });

  it("halts although nobody can tell which projects there are", async () => {
    const projects = (): Promise<readonly string[]> => Promise.reject(new Error("no database"));
    const report = await createHaltCalls({ ...services, projects }).halt({
      ...{ project: "bokmarks", reason: "" },
    });
    expect(report).toMatchObject({ unknownProject: null, notRecorded: null });
  });

  it("halts although the log cannot be written, says so, and records it the next time", async () => {
    const audit = services.audit;
    let isBroken = true;
    calls = createHaltCalls({
      ...services,
      audit: async () => {
        if (isBroken) throw new GovernanceError("AUTOSD-AUDIT-UNWRITABLE", "no room");
        return audit();
      },
    });
    const report = await calls.halt({ project: "shop", reason: "" });
    expect(report.notRecorded).toEqual({ code: "AUTOSD-AUDIT-UNWRITABLE", message: "no room" });
    expect(await halts.haltOf("shop")).toBeDefined();
    isBroken = false;
    expect((await calls.halt({ project: "shop", reason: "" })).notRecorded).toBeNull();
    expect(entries.map((entry) => entry.kind)).toEqual(["halt"]);
  });

  it("throws when the switch itself cannot be thrown", async () => {
    calls = createHaltCalls({
      ...services,
      halts: { ...halts, halt: () => Promise.reject(new Error("no disk")) },
    });
    await expect(calls.halt({ project: "shop", reason: "" })).rejects.toThrow("no disk");
  });
});

describe("resuming", () => {
  it("lifts the halt with an operator's signature over the project, the halt and the log", async () => {
    await calls.halt({ project: "shop", reason: "wrong prices" });
    const report = await calls.resume({ project: "shop", signer: undefined });
    expect(report).toEqual({
      project: "shop",
      wasHalted: true,
      seq: 1,
      kid,
      stillHaltedByAll: false,
    });
    expect(await halts.haltOf("shop")).toBeUndefined();
    const signed = signedResumeSchema.parse(entries[1]?.details);
    expect(signed.statement).toEqual({
      schema: "autosd/resume@1",
      project: "shop",
      haltSeq: 0,
      log: { origin: "log", size: 1, root: "root-1" },
      atMs: 5_000,
    });
    const signature = fromBase64Url(signed.signature) ?? new Uint8Array();
    expect(verify(null, resumeBytes(signed.statement), publicKey, signature)).toBe(true);
    const other = { ...signed.statement, project: "bank" };
    expect(verify(null, resumeBytes(other), publicKey, signature)).toBe(false);
  });

  it("lifts a halt that only the log knows, its file deleted by hand", async () => {
    await calls.halt({ project: "shop", reason: "" });
    await halts.lift("shop");
    expect(await calls.resume({ project: "shop", signer: undefined })).toMatchObject({
      wasHalted: true,
    });
    expect(entries.at(-1)).toMatchObject({ kind: "resume", ref: 0 });
  });

  it("lifts a halt that only a file knows", async () => {
    await halts.halt({ project: "shop", reason: "", by: "ana", atMs: 1 });
    expect(await calls.resume({ project: "shop", signer: undefined })).toMatchObject({
      wasHalted: true,
    });
    expect(await halts.haltOf("shop")).toBeUndefined();
  });

  it("lifts a halt that a forged entry says was lifted, as if that entry were not there", async () => {
    await calls.halt({ project: "shop", reason: "" });
    await halts.lift("shop");
    entries.push({ kind: "resume", actor: { type: "operator", id: "ana" }, project: "shop" });
    expect(await calls.resume({ project: "shop", signer: undefined })).toMatchObject({
      wasHalted: true,
      seq: 2,
    });
    expect(signedResumeSchema.parse(entries[2]?.details).statement.haltSeq).toBe(0);
    expect(await calls.resume({ project: "shop", signer: undefined })).toMatchObject({
      wasHalted: false,
    });
  });

  it("does not lift a halt that came while the operator signed", async () => {
    await calls.halt({ project: "shop", reason: "wrong prices" });
    const keys = await services.keys();
    const slow = createHaltCalls({
      ...services,
      keys: async () => ({
        ...keys,
        signer: async (choice) => {
          entries.push({ kind: "halt", actor: { type: "operator", id: "ben" }, project: "shop" });
          return keys.signer(choice);
        },
      }),
    });
    await expect(slow.resume({ project: "shop", signer: undefined })).rejects.toMatchObject({
      code: "AUTOSD-HALTED",
    });
    expect(await halts.haltOf("shop")).toBeDefined();
    expect(entries.map((entry) => entry.kind)).toEqual(["halt", "halt"]);
  });

  it("signs and writes nothing when nothing is halted", async () => {
    expect(await calls.resume({ project: "shop", signer: undefined })).toMatchObject({
      wasHalted: false,
    });
    expect(entries).toEqual([]);
  });

  it("does not lift the halt of everything by the name of one project", async () => {
    await calls.halt({ project: "*", reason: "" });
    expect(await calls.resume({ project: "shop", signer: undefined })).toMatchObject({
      wasHalted: false,
      stillHaltedByAll: true,
    });
    expect(await calls.resume({ project: "*", signer: undefined })).toMatchObject({
      wasHalted: true,
    });
    expect(await halts.haltOf("shop")).toBeUndefined();
  });

  it.each<[string, TrustList | undefined]>([
    ["nobody trusts", undefined],
    ["is another one than the trusted", trusting({ kid: "z".repeat(43) })],
    ["is an agent's", trusting({ roles: ["agent"] })],
    ["was retired", trusting({ lastValidSeq: 3 })],
    ["has expired", trusting({ notAfter: 5 })],
  ])("is refused with a key that %s, and stays halted", async (_why, list) => {
    await calls.halt({ project: "shop", reason: "" });
    trust = list;
    await expect(calls.resume({ project: "shop", signer: undefined })).rejects.toMatchObject({
      code: "AUTOSD-PREAUTH-KEYS",
    });
    expect(await halts.haltOf("shop")).toBeDefined();
    expect(entries).toHaveLength(1);
  });

  it("stays halted when it cannot be recorded", async () => {
    await calls.halt({ project: "shop", reason: "" });
    const log = await services.audit();
    const full = { ...log, transact: () => Promise.reject(new Error("no room")) };
    const broken = createHaltCalls({ ...services, audit: async () => full });
    await expect(broken.resume({ project: "shop", signer: undefined })).rejects.toThrow("no room");
    expect(await halts.haltOf("shop")).toBeDefined();
  });

  it("is refused when the log was replaced while the operator signed", async () => {
    await calls.halt({ project: "shop", reason: "" });
    const log = await services.audit();
    const shown = { ...(await log.facts()), root: "another root" };
    const forked = createHaltCalls({
      ...services,
      audit: async () => ({ ...log, facts: async () => shown }),
    });
    await expect(forked.resume({ project: "shop", signer: undefined })).rejects.toMatchObject({
      code: "AUTOSD-AUDIT-TAMPERED",
    });
    expect(await halts.haltOf("shop")).toBeDefined();
  });
});

describe("work on a halted project", () => {
  const halt = { project: "shop", reason: "wrong prices", by: "ana", atMs: 1 };

  it("is refused before it begins, with the command that lifts the halt", async () => {
    await refuseHalted(halts, "shop");
    await halts.halt(halt);
    await expect(refuseHalted(halts, "shop")).rejects.toMatchObject({
      code: "AUTOSD-HALTED",
      exitCode: 3,
      remedy: "autosd resume --project shop",
    });
    await refuseHalted(halts, undefined);
    await halts.halt({ ...halt, project: "*" });
    await expect(refuseHalted(halts, undefined)).rejects.toMatchObject({
      remedy: "autosd resume --all",
    });
  });

  it("stops before the next step of whatever kind, resumable, with both commands", async () => {
    const done: string[] = [];
    const ctx: Ctx = {
      runId: "run_1",
      partition: "project:/shop",
      signal: new AbortController().signal,
      step: async (name, run) => {
        done.push(name);
        return run({ key: name, signal: new AbortController().signal });
      },
      tx: () => Promise.reject(new Error("not called")),
      effect: () => Promise.reject(new Error("not called")),
      waitFor: () => Promise.reject(new Error("not called")),
      sleep: () => Promise.reject(new Error("not called")),
      now: () => Promise.reject(new Error("not called")),
      id: () => Promise.reject(new Error("not called")),
    };
    const guarded = haltable(ctx, halts, "shop");
    await guarded.step("one", async () => halts.halt(halt));
    const next: readonly (() => Promise<unknown>)[] = [
      () => guarded.step("two", async () => undefined),
      () => guarded.tx("two", async () => undefined),
      () => guarded.effect("two", { authorize: never, do: never, probe: never }),
      () => guarded.waitFor("topic", 1),
      () => guarded.sleep(1),
      () => guarded.now(),
      () => guarded.id("x"),
    ];
    for (const step of next)
      await expect(step()).rejects.toMatchObject({
        code: "AUTOSD-HALTED-RUN",
        exitCode: 7,
        remedy: "autosd resume --project shop && autosd runs resume run_1",
      });
    expect(done).toEqual(["one"]);
  });
});

async function never(): Promise<never> {
  throw new Error("not called");
}
