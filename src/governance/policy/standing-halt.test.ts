import { beforeEach, describe, expect, it } from "vitest";
import {
  appendAsOwner,
  createGovernedPlace,
  createTestSigner,
  type GovernedPlace,
  samplePush as push,
} from "../../../test/support/governed-place.ts";
import { toBase64Url } from "../../kernel/base64url.ts";
import type { Entry, EntryDraft } from "../audit/entry.ts";
import { LogState } from "../audit/log-state.ts";
import { headOf, signStatement } from "../grants/operator-statement.ts";
import type { Signer } from "../keys/signer.port.ts";
import type { TrustList } from "../keys/trust.ts";
import { resumeBytes, type ResumeStatement, type SignedResume } from "./resume-statement.ts";
import { statementProblem } from "./signed-entries.ts";
import { standingHaltOf } from "./standing-halt.ts";

let place: GovernedPlace;
beforeEach(() => {
  place = createGovernedPlace();
});

const append = (draft: Omit<EntryDraft, "actor">): Promise<Entry> => appendAsOwner(place, draft);

const halt = (project = "sample") => append({ kind: "halt", project, reason: "wrong prices" });
const resume = (details: SignedResume | undefined, project = "sample") => {
  const haltSeq = details?.statement.haltSeq ?? null;
  const about = haltSeq === null ? {} : { ref: haltSeq };
  const said = details === undefined ? {} : { details: { ...details } };
  return append({ kind: "resume", project, ...about, ...said });
};

async function signedBy(
  signer: Signer,
  haltSeq: number,
  change: Partial<ResumeStatement> = {},
): Promise<SignedResume> {
  const statement: ResumeStatement = {
    schema: "autosd/resume@1",
    project: "sample",
    haltSeq,
    log: headOf(await place.log.facts()),
    atMs: place.clock.ms,
    ...change,
  };
  const signature = toBase64Url(await signer.sign(resumeBytes(statement)));
  return { statement, kid: signer.kid, signature };
}

async function isHalted(): Promise<string | undefined> {
  const grant = await place.issue();
  const evaluation = await place.door.evaluate(place.request(push, grant));
  if (evaluation.kind === "allowed") return undefined;
  expect(evaluation.refusal.code).toBe("AUTOSD-HALTED");
  return evaluation.refusal.message;
}

describe("a halt that the log records, at the door", () => {
  it("holds until an operator's signature lifts it, and then does not", async () => {
    const { seq } = await halt();
    expect(await isHalted()).toContain("wrong prices");
    await resume(await signedBy(place.signer, seq));
    expect(await isHalted()).toBeUndefined();
  });

  it.each<[string, (seq: number) => Promise<SignedResume | undefined>, string]>([
    ["says nothing about who", async () => undefined, "it carries no statement of an operator"],
    ["is a stranger's", (seq) => signedBy(createTestSigner(), seq), "is no operator's key"],
    [
      "a stranger signed in an operator's name",
      async (seq) => ({ ...(await signedBy(createTestSigner(), seq)), kid: place.signer.kid }),
      "the signature is not the one of",
    ],
    [
      "is about another project",
      (seq) => signedBy(place.signer, seq, { project: "other" }),
      "about something else",
    ],
    ["is about an older halt", (seq) => signedBy(place.signer, seq - 1), "about something else"],
    [
      "was signed over another log",
      async (seq) => {
        const log = { ...headOf(await place.log.facts()), root: "another" };
        return signedBy(place.signer, seq, { log });
      },
      "over another log",
    ],
    [
      "was changed after it was signed",
      async (seq) => {
        const signed = await signedBy(place.signer, seq);
        return { ...signed, statement: { ...signed.statement, atMs: 1 } };
      },
      "the signature is not the one of",
    ],
  ])("holds against an entry whose signature %s", async (_what, forge, problem) => {
    await halt();
    const { seq } = await halt();
    const forged = await resume(await forge(seq));
    const message = await isHalted();
    expect(message).toContain("wrong prices");
    expect(message).toContain(`entry ${forged.seq} lifts nothing`);
    expect(message).toContain(problem);
    await resume(await signedBy(place.signer, seq));
    expect(await isHalted()).toBeUndefined();
  });

  it("is not lifted by the signature that lifted the one before", async () => {
    const first = await halt();
    const signed = await signedBy(place.signer, first.seq);
    await resume(signed);
    await halt();
    await resume(signed);
    expect(await isHalted()).toContain("about something else");
  });

  it("stays lifted whatever is forged afterwards", async () => {
    const { seq } = await halt();
    await resume(await signedBy(place.signer, seq));
    for (let count = 0; count < 3; count += 1) await resume(undefined);
    expect(await isHalted()).toBeUndefined();
  });

  it("holds again when so much is forged that nobody remembers the operator's entry", async () => {
    const { seq } = await halt();
    await resume(await signedBy(place.signer, seq));
    for (let count = 0; count < 16; count += 1) await resume(undefined);
    expect(await isHalted()).toContain("wrong prices");
  });

  it("of everything is not lifted by the name of one project", async () => {
    const { seq } = await halt("*");
    await resume(await signedBy(place.signer, seq));
    expect(await isHalted()).toContain("everything is halted");
    await resume(await signedBy(place.signer, seq, { project: "*" }), "*");
    expect(await isHalted()).toBeUndefined();
  });

  it.each<[string, (key: TrustList["keys"][number], seq: number) => object | undefined, boolean]>([
    ["was taken out of the trust list", () => undefined, true],
    ["is an agent's", () => ({ roles: ["agent"] }), true],
    ["was retired before it", (_key, seq) => ({ lastValidSeq: seq }), true],
    ["was retired after it", (_key, seq) => ({ lastValidSeq: seq + 1 }), false],
    ["expired before it", () => ({ notAfter: 1 }), true],
  ])("asks what is known of the key now: one that %s", async (_what, changed, holds) => {
    const { seq } = await halt();
    const lifting = await resume(await signedBy(place.signer, seq));
    const [key] = place.trust.keys;
    if (key === undefined) throw new Error("there is no key");
    const change = changed(key, lifting.seq);
    const keys = change === undefined ? [] : [{ ...key, ...change }];
    const facts = await place.log.facts();
    const standing = await standingHaltOf("sample", facts, { ...place.trust, keys });
    expect(standing !== undefined).toBe(holds);
    expect(await standingHaltOf("sample", facts, undefined)).toBeDefined();
  });

  it("is remembered with what lifts it when the state is kept and read again", async () => {
    const { seq } = await halt();
    await resume(await signedBy(place.signer, seq));
    const state = LogState.empty();
    for await (const entry of place.log.entries({})) state.apply(entry);
    const again = LogState.fromRecord(
      JSON.parse(JSON.stringify(state.toRecord(0))) as ReturnType<LogState["toRecord"]>,
    );
    expect(again.recordedHalt("sample")).toEqual(state.recordedHalt("sample"));
    expect(again.recordedHalt("sample")?.lifts).toHaveLength(1);
    expect(again.haltOf("sample")).toBeUndefined();
  });
});

async function known() {
  return { trust: place.trust, facts: await place.log.facts() };
}

describe("what operators say of grants and reservations", () => {
  const jti = `grt_${"0".repeat(26)}`;
  const grant = { jti, chain: [jti], kids: [] };

  async function release(signer: Signer, seq = 3): Promise<Entry> {
    const facts = await place.log.facts();
    const signed = await signStatement(signer, {
      schema: "autosd/release@1",
      seq: 3,
      idem: "sha256:a",
      reason: "",
      log: headOf(facts),
      atMs: place.clock.ms,
    });
    return append({ kind: "release", grant, idem: "sha256:a", ref: seq, details: { ...signed } });
  }

  async function reinstate(signer: Signer, of = jti): Promise<Entry> {
    const facts = await place.log.facts();
    const signed = await signStatement(signer, {
      schema: "autosd/reinstate@1",
      jti: of,
      revokedSeq: null,
      reason: "",
      log: headOf(facts),
      atMs: place.clock.ms,
    });
    return append({ kind: "grant.reinstate", grant, details: { ...signed } });
  }

  it("holds when an operator signed that very thing", async () => {
    expect(await statementProblem(await release(place.signer), await known())).toBeUndefined();
    expect(await statementProblem(await reinstate(place.signer), await known())).toBeUndefined();
    const { seq } = await halt();
    const lifted = await resume(await signedBy(place.signer, seq));
    expect(await statementProblem(lifted, await known())).toBeUndefined();
    expect(await statementProblem(await halt(), await known())).toBeUndefined();
  });

  it("does not hold when a stranger signed, it is about another thing, or nobody signed", async () => {
    const otherJti = `grt_${"1".repeat(26)}`;
    const stranger = createTestSigner();
    for (const [entry, problem] of [
      [await resume(await signedBy(stranger, 0)), "no operator's key"],
      [await release(stranger), "no operator's key"],
      [await reinstate(stranger), "no operator's key"],
      [await release(place.signer, 4), "something else"],
      [await reinstate(place.signer, otherJti), "something else"],
      [await append({ kind: "release", grant, ref: 3 }), "no statement"],
      [await append({ kind: "grant.reinstate", grant }), "no statement"],
    ] as const)
      expect(await statementProblem(entry, await known())).toContain(problem);
  });
});
