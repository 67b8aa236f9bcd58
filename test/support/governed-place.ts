import { generateKeyPairSync, sign } from "node:crypto";
import { createMemoryAuditLog } from "../../src/adapters/governance/memory-audit-log.ts";
import { createMemoryGrantStore } from "../../src/adapters/governance/memory-grant-store.ts";
import { createMemoryPolicyArchive } from "../../src/adapters/governance/memory-policy.ts";
import { createMemoryHaltSwitch } from "../../src/adapters/governance/memory-halt-switch.ts";
import type { AuditLog } from "../../src/governance/audit/audit-log.port.ts";
import type { Entry, EntryDraft } from "../../src/governance/audit/entry.ts";
import type { PrivilegedAction } from "../../src/governance/grants/action.ts";
import { type Grant, grantTokenType } from "../../src/governance/grants/grant.ts";
import type { GrantStore } from "../../src/governance/grants/grant-store.port.ts";
import { parsePublicJwk, kidOf } from "../../src/governance/keys/public-key.ts";
import { signJws } from "../../src/governance/keys/jws.ts";
import type { Signer } from "../../src/governance/keys/signer.port.ts";
import type { TrustList } from "../../src/governance/keys/trust.ts";
import type { Authorization } from "../../src/governance/policy/authorization.ts";
import type { Door, DoorRequest } from "../../src/governance/policy/door.ts";
import type { HaltSwitch } from "../../src/governance/policy/halt-switch.port.ts";
import type { ProjectPolicy } from "../../src/governance/policy/door-decision.ts";
import { openDoor } from "../../src/governance/policy/open-door.ts";
import { resolvePolicy } from "../../src/governance/policy/policy-layers.ts";
import { canonicalJson } from "../../src/kernel/canonical-json.ts";
import type { Clock } from "../../src/kernel/clock.ts";

/** A clock that a test sets. */
export interface TestClock extends Clock {
  ms: number;
}

/** A machine with an operator, a door and an audit log, in memory. */
export interface GovernedPlace {
  readonly clock: TestClock;
  readonly log: AuditLog;
  readonly grants: GrantStore;
  readonly halts: HaltSwitch;
  readonly door: Door;
  /** The owner's key: the only one of the trust list. */
  readonly signer: Signer;
  readonly trust: TrustList;
  /** Issues a grant, as `preauth create-grant` does; returns its id. */
  issue(change?: Partial<Grant>): Promise<string>;
  request(action: PrivilegedAction, grant: string | undefined): DoorRequest;
  /** Leave for the action on a grant made for it. */
  leave(action: PrivilegedAction): Promise<Authorization>;
}

/** A push of the project `sample`, for which nothing was done yet. */
export const samplePush: PrivilegedAction = {
  action: "push",
  project: "sample",
  environment: null,
  target: null,
  commit: "a".repeat(40),
  artifact: null,
  run: "run_1",
};

/** Records an entry as the owner's, past every check; whoever can write to the log can do that. */
export async function appendAsOwner(
  place: GovernedPlace,
  draft: Omit<EntryDraft, "actor">,
): Promise<Entry> {
  const { entries } = await place.log.transact(async () => ({
    append: [{ ...draft, actor: { type: "operator", id: "owner" } }],
    value: undefined,
  }));
  const [entry] = entries;
  if (entry === undefined) throw new Error("nothing was recorded");
  return entry;
}

const startMs = Date.UTC(2026, 0, 15, 12);
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

const noFile = { file: "policy.json", content: { kind: "absent" } } as const;

/** The policy of layers that are not there, but for the project's. */
export function policyOf(projectText?: string): ProjectPolicy {
  const content =
    projectText === undefined ? noFile.content : ({ kind: "text", text: projectText } as const);
  const texts = { user: noFile, project: { file: "policy.json", content }, overlay: noFile };
  return { state: resolvePolicy(texts), overlay: undefined };
}

/** An Ed25519 key of a test; never written anywhere. */
export function createTestSigner(): Signer {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const parsed = parsePublicJwk(publicKey.export({ format: "jwk" }));
  if (parsed.kind !== "key") throw new Error(parsed.reason);
  return {
    kid: kidOf(parsed.jwk),
    jwk: parsed.jwk,
    protection: "passphrase",
    sign: async (bytes) => sign(null, bytes, privateKey),
  };
}

/** `openLog`: instead of a log in memory. */
export function createGovernedPlace(
  policy: ProjectPolicy = policyOf(),
  openLog: (clock: Clock) => AuditLog = (clock) => createMemoryAuditLog({ clock }),
): GovernedPlace {
  const clock: TestClock = {
    ms: startMs,
    now: () => clock.ms,
    monotonicMs: () => clock.ms,
  };
  const log = openLog(clock);
  const grants = createMemoryGrantStore();
  const halts = createMemoryHaltSwitch();
  const signer = createTestSigner();
  const trust = trustOf(signer);
  const door = openDoor({
    log,
    grants,
    halts,
    clock,
    trust: async () => trust,
    policy: async () => policy,
    archive: createMemoryPolicyArchive(),
    sandbox: "isolated",
  });
  let issued = 0;
  const issue = async (change: Partial<Grant> = {}): Promise<string> => {
    issued += 1;
    const jti = `grt_${"0".repeat(25)}${crockford[issued % 32] ?? "0"}`;
    const facts = await log.facts();
    const now = Math.floor(clock.ms / 1_000);
    const grant: Grant = {
      ...pushGrant(jti, now),
      log: { origin: facts.origin, size: facts.size, root: facts.root },
      aud: `autosd:${facts.origin}`,
      ...change,
    };
    const payload = new TextEncoder().encode(canonicalJson(grant));
    await grants.write(jti, await signJws(payload, grantTokenType, [signer]));
    await log.transact(async () => ({
      append: [
        {
          kind: "grant.issue",
          actor: { type: "operator", id: "owner" },
          grant: { jti, chain: [jti], kids: [signer.kid] },
          details: { exp: grant.exp },
        },
      ],
      value: undefined,
    }));
    return jti;
  };
  const request = (action: PrivilegedAction, grant: string | undefined): DoorRequest => ({
    action,
    grant,
    actor: { type: "agent", id: "autosd", run: action.run },
    ceilingMicrousd: 0,
    directory: "/projects/sample",
  });
  const leave = async (action: PrivilegedAction): Promise<Authorization> =>
    door.authorize(request(action, await issue()));
  return { clock, log, grants, halts, door, signer, trust, issue, request, leave };
}

function trustOf(signer: Signer): TrustList {
  return {
    v: 1,
    origin: "autosd/memory",
    genesis: "autosd/memory+00000000+AQ==",
    version: 1,
    keys: [
      {
        kid: signer.kid,
        jwk: signer.jwk,
        operator: "owner",
        roles: ["operator"],
        protection: signer.protection,
        notAfter: null,
        lastValidSeq: null,
      },
    ],
  };
}

function pushGrant(jti: string, now: number): Omit<Grant, "log" | "aud"> {
  return {
    v: 1,
    jti,
    iss: "owner",
    sub: "agent:*",
    iat: now,
    nbf: now,
    exp: now + 3_600,
    authorization_details: [
      {
        type: "autosd/privileged",
        actions: ["push"],
        locations: ["sample"],
        environments: [],
        targets: [],
      },
    ],
    gates: [],
    budget: { uses: 10, spend_microusd: 0, min_interval_s: 0 },
    break_glass: false,
    reason: "",
    quorum: 1,
    bind: {},
    depth: 0,
  };
}
