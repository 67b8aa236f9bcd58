import type { Autosd } from "../engine/autosd.ts";

type Grants = Autosd["grants"];
type Issued = Awaited<ReturnType<Grants["create"]>>;
type Standing = Awaited<ReturnType<Grants["show"]>>;

export const exampleGrantId = "grt_01ARZ3NDEKTSV4RRFFQ69G5FAV";

/** A grant as the engine shows it. */
export const shownGrant: Issued["grant"] = {
  jti: exampleGrantId,
  issuer: "owner",
  subject: "agent:*",
  entries: [
    {
      type: "autosd/privileged",
      actions: ["deploy", "promote"],
      locations: ["my-project"],
      environments: ["dev", "staging"],
      targets: ["*"],
    },
    {
      type: "autosd/privileged",
      actions: ["push", "patch"],
      locations: ["my-project"],
      environments: [],
      targets: [],
    },
  ],
  gates: ["lint", "types", "tests"],
  waivedGates: [],
  maxUses: 20,
  maxSpendMicrousd: 2_500_000,
  minIntervalS: 60,
  breakGlass: false,
  reason: "release week",
  quorum: 2,
  bind: {},
  depth: 0,
  parent: undefined,
  issuedAtMs: 1_767_225_600_000,
  notBeforeMs: 1_767_225_600_000,
  expiresAtMs: 1_767_232_800_000,
};

export const issuedGrant: Issued = {
  grant: shownGrant,
  seq: 7,
  unprotected: true,
  keyFile: undefined,
};

export const standingGrant: Standing = {
  jti: exampleGrantId,
  state: "spent",
  grant: shownGrant,
  operators: ["owner", "second"],
  kids: ["k1", "k2"],
  unprotected: true,
  trustRecoveries: [],
  usage: { uses: 20, spendMicrousd: 1_000_000, lastReservedAtMs: 1_767_229_200_000 },
  openReservations: [
    {
      seq: 12,
      action: "deploy",
      project: "my-project",
      reservedAtMs: 1_767_229_200_000,
    },
  ],
  failures: [
    {
      reason: "budget_uses",
      stage: 15,
      link: 0,
      message: `${exampleGrantId} has been used 20 times of 20.`,
    },
  ],
};

/** An engine that has an answer to every question about grants. */
export function grantAnswers(): Grants {
  return {
    create: async () => issuedGrant,
    list: async () => [
      { jti: exampleGrantId, state: "active", grant: shownGrant, finding: undefined },
    ],
    show: async () => standingGrant,
    revoke: async ({ jti, reason }) => ({
      jti,
      reason,
      atMs: 1_767_225_600_000,
      wasRevoked: false,
      notRecorded: null,
    }),
    approve: async () => ({
      grant: shownGrant,
      operators: ["owner", "second"],
      need: 2,
      kid: "k2",
      file: null,
      stored: true,
    }),
    delegate: async () => issuedGrant,
    release: async ({ seq }) => ({
      seq: seq + 1,
      reservation: seq,
      chain: [exampleGrantId],
      kid: "k1",
    }),
    reinstate: async ({ jti }) => ({ jti, wasRevoked: true, seq: 9 }),
  };
}
