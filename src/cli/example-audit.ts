import type { Autosd } from "../engine/autosd.ts";

type Verification = Awaited<ReturnType<Autosd["audit"]["verify"]>>;
type Signed = Awaited<ReturnType<Autosd["audit"]["checkpoint"]>>;

const root = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

/** A denial, as the log shows it. */
export const shownEntry = {
  v: 1,
  seq: 12,
  prev: `sha256:${"0".repeat(64)}`,
  ts: "2026-01-31T10:20:30.456Z",
  kind: "deny",
  actor: { type: "agent", id: "agent:autosd" },
  project: "tasks",
  action: "deploy",
  env: "prod",
  decision: "deny",
  code: "AUTOSD-PREAUTH-INVALID",
  reason: "scope_environment",
} as const;

/** A log that holds. */
export const heldVerification: Verification = {
  origin: "autosd/00",
  size: 13,
  root,
  signedSize: 13,
  epochs: 1,
  witnesses: [],
  witnessedSize: 0,
  anchors: [{ source: "anchors.jsonl line 1", size: 4, holds: true }],
  failures: [],
  established: ["All 13 entries follow each other: numbers, chain of digests, times."],
  notEstablished: ["That no second copy of this log exists which continues differently."],
};

/** A log whose entry 3 was changed. */
export const brokenVerification: Verification = {
  ...heldVerification,
  failures: [
    { part: "chain", seq: 4, message: "entry 4: it does not continue the line before it" },
  ],
  established: [],
};

const signed: Signed = {
  note: `autosd/00\n13\n${root}\n\n\u2014 autosd/00 AAAAAAAA\n`,
  checkpoint: { origin: "autosd/00", size: 13, root, snapshot: undefined },
  vkey: "autosd/00+00000000+AQ==",
  unsigned: 0,
};

const vkey = "autosd/00+00000001+AQ==";

/** One witness cosigned, one was silent, and one is never asked: no quorum. */
export const shortRound: Awaited<ReturnType<Autosd["audit"]["submit"]>> = {
  checkpoint: signed.checkpoint,
  vkey,
  replies: [
    { witness: "east", kind: "cosigned", atMs: 0 },
    { witness: "west", kind: "unavailable", message: "did not answer within 10 s" },
    { witness: "north", kind: "not-asked", message: "has no address in the policy" },
  ],
  isQuorum: false,
  missing: "1 of both (west)",
  contradicted: false,
};

/** Answers of the audit trail. */
export function auditAnswers(): Autosd["audit"] {
  return {
    entries: async function* () {
      yield shownEntry;
    },
    verify: async () => heldVerification,
    prove: async () => `c2sp.org/tlog-proof@v1\nindex 12\n\n${signed.note}`,
    checkpoint: async () => signed,
    saveCheckpoint: async () => signed,
    anchors: async () => [{ note: signed.note, addedAtMs: 0 }],
    addAnchor: async () => signed.checkpoint,
    checkpointAt: async () => signed,
    submit: async () => shortRound,
    witnesses: async () => ({
      path: "/home/audit/witness-policy",
      vkey,
      witnesses: [{ name: "east", url: "https://witness.example" }],
    }),
    witnessKey: async () => vkey,
  };
}
