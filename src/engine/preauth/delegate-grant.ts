import { GovernanceError } from "../../governance/errors.ts";
import { compileChild } from "../../governance/grants/compile-child.ts";
import { effectiveNowMs } from "../../governance/grants/examine-window.ts";
import { standingFailures } from "../../governance/grants/examine-standing.ts";
import type { GrantChain } from "../../governance/grants/grant-file.ts";
import { requireGrantId } from "../../governance/grants/grant-id.ts";
import type { Grant } from "../../governance/grants/grant.ts";
import { inspectGrantFile } from "../../governance/grants/inspect-grant-file.ts";
import type { LogFacts } from "../../governance/grants/log-facts.ts";
import { headOf } from "../../governance/grants/operator-statement.ts";
import type { GrantFailure } from "../../governance/grants/reasons.ts";
import type { PublicJwk, Signer } from "../../governance/keys/signer.port.ts";
import type { TrustList } from "../../governance/keys/trust.ts";
import { believedFacts } from "../../governance/policy/believed-facts.ts";
import { delegateKeyOf } from "./delegate-key.ts";
import type { GrantCalls, GrantIssued } from "./grant-calls.ts";
import { type GrantServices, trustInUse } from "./grant-services.ts";
import { issueEntry, signGrant } from "./issue-grant.ts";
import { shownGrant } from "./shown-grant.ts";

type Input = Parameters<GrantCalls["delegate"]>[0];

/**
 * Makes a narrower child, signed with the key that its parent names. The parent must be good for
 * use now; a child that would be wider is AUTOSD-PREAUTH-INPUT and says in what.
 */
export async function delegateGrant(services: GrantServices, input: Input): Promise<GrantIssued> {
  const jti = requireGrantId(input.jti);
  const trust = await trustInUse(services);
  const signer = await services.delegationKeys.signer(input.keyFile);
  const audit = await services.audit();
  const seen = await audit.facts();
  const links = await parentOf(services, { jti, trust, facts: seen });
  refuseForeignKey(links[0].grant, signer);
  const jwk = await delegateKeyOf(services, input.wishes.depth ?? 0, input.delegate);
  // Before the log is locked: its other writers wait for no key.
  const signed = await signGrant(
    claimsOf(services, { input, links, facts: seen, jwk }),
    signer,
    links.map((one) => one.jws),
  );
  const { entries } = await audit.transact(async (facts) => {
    // What was signed stands on the very parent that is there, if it still is good for use.
    const now = await parentOf(services, { jti, trust, facts });
    if (now[0].payloadDigest !== links[0].payloadDigest) throw replacedMeanwhile(jti);
    const { grant } = signed;
    const entry = issueEntry(signed, {
      actor: { type: "agent", id: grant.sub },
      chain: [grant.jti, ...links.map((one) => one.grant.jti)],
      kid: signer.kid,
      unprotected: false,
    });
    return { append: [entry], value: undefined };
  });
  await services.store.write(signed.grant.jti, signed.file);
  return {
    grant: shownGrant(signed.grant),
    seq: entries[0]?.seq ?? 0,
    unprotected: false,
    keyFile: input.delegate?.kind === "new" ? input.delegate.file : undefined,
  };
}

async function parentOf(
  { store, clock }: GrantServices,
  of: { readonly jti: string; readonly trust: TrustList; readonly facts: LogFacts },
): Promise<GrantChain> {
  const { jti, trust } = of;
  const facts = await believedFacts(of.facts, trust);
  const inspected = inspectGrantFile({
    file: await store.read(jti),
    jti,
    trust,
    minimumQuorum: 1,
    facts,
  });
  if (inspected.kind === "refused") throw unusable(jti, inspected.failures);
  const revocationOf = (id: string) => store.revocationOf(id);
  const check = { nowMs: clock.now(), facts, trust, revocationOf };
  const failures = await standingFailures(check, inspected.links);
  if (failures.length > 0) throw unusable(jti, failures);
  return inspected.links;
}

function claimsOf(
  services: GrantServices,
  of: {
    readonly input: Input;
    readonly links: GrantChain;
    readonly facts: LogFacts;
    readonly jwk: PublicJwk | undefined;
  },
): Grant {
  const [parent] = of.links;
  const child = compileChild(of.input.wishes, parent.grant, {
    jti: services.ids.next("grt"),
    nowS: Math.floor(effectiveNowMs(services.clock.now(), of.facts) / 1_000),
    parentDigest: parent.payloadDigest,
    log: headOf(of.facts),
  });
  if (child.kind === "refused")
    throw new GovernanceError("AUTOSD-PREAUTH-INPUT", child.problem, {
      remedy: "autosd preauth delegate --help",
    });
  return { ...child.grant, ...(of.jwk === undefined ? {} : { cnf: { jwk: of.jwk } }) };
}

function refuseForeignKey({ jti, cnf, depth }: Grant, signer: Signer): void {
  if (depth > 0 && cnf?.jwk.x === signer.jwk.x) return;
  const problem =
    cnf === undefined || depth === 0
      ? `${jti} may not be delegated.`
      : `${jti} is delegated with another key than this one.`;
  throw new GovernanceError("AUTOSD-PREAUTH-INPUT", problem, {
    remedy: `autosd preauth show ${jti}`,
  });
}

function replacedMeanwhile(jti: string): GovernanceError {
  return new GovernanceError(
    "AUTOSD-PREAUTH-INPUT",
    `The file of ${jti} was replaced while the child was signed; nothing was changed.`,
    { remedy: `autosd preauth show ${jti}` },
  );
}

function unusable(jti: string, failures: readonly GrantFailure[]): GovernanceError {
  const messages = failures.map((one) => one.message).join(" ");
  return new GovernanceError("AUTOSD-PREAUTH-INVALID", `${jti} cannot be delegated. ${messages}`, {
    details: { grant: jti, reason: failures[0]?.reason, failures },
    remedy: `autosd preauth show ${jti}`,
  });
}
