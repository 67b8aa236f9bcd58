import { GovernanceError } from "../../governance/errors.ts";
import { compileGrant, type CompiledGrant } from "../../governance/grants/compile-grant.ts";
import { effectiveNowMs } from "../../governance/grants/examine-window.ts";
import type { Grant } from "../../governance/grants/grant.ts";
import type { LogFacts } from "../../governance/grants/log-facts.ts";
import { headOf } from "../../governance/grants/operator-statement.ts";
import type { PublicJwk } from "../../governance/keys/signer.port.ts";
import { delegateKeyOf } from "./delegate-key.ts";
import type { GrantCalls, GrantIssued } from "./grant-calls.ts";
import { type GrantServices, signingOperator, type SigningOperator } from "./grant-services.ts";
import { issueEntry, signGrant } from "./issue-grant.ts";
import { shownGrant } from "./shown-grant.ts";

/**
 * Makes the least grant that does what was asked for. It is signed before the log is locked, since a
 * person may have to answer; then it is recorded, and its file is written last: without its entry in
 * the log a grant is worth nothing.
 */
export async function createGrant(
  services: GrantServices,
  input: Parameters<GrantCalls["create"]>[0],
): Promise<GrantIssued> {
  const compiled = compileGrant(input.wishes);
  if (compiled.kind === "refused")
    throw new GovernanceError("AUTOSD-PREAUTH-INPUT", compiled.problem, {
      details: { flag: compiled.flag },
    });
  const operator = await signingOperator(services, input.signer);
  const { signer } = operator;
  const jwk = await delegateKeyOf(services, compiled.grant.depth, input.delegate);
  const audit = await services.audit();
  const seen = await audit.facts();
  refuseForeignLog(operator, seen);
  const claims = claimsOf(services, { compiled: compiled.grant, operator, jwk, facts: seen });
  const signed = await signGrant(claims, signer, []);
  const { entries } = await audit.transact(async (facts) => {
    if ((await facts.rootAt(claims.log.size)) !== claims.log.root) throw otherLog();
    const entry = issueEntry(signed, {
      actor: { type: "operator", id: operator.operator },
      chain: [claims.jti],
      kid: signer.kid,
      unprotected: signer.protection === "unprotected",
    });
    return { append: [entry], value: undefined };
  });
  await services.store.write(signed.grant.jti, signed.file);
  return {
    grant: shownGrant(signed.grant),
    seq: entries[0]?.seq ?? 0,
    unprotected: signer.protection === "unprotected",
    keyFile: input.delegate?.kind === "new" ? input.delegate.file : undefined,
  };
}

function claimsOf(
  services: GrantServices,
  of: {
    readonly compiled: CompiledGrant;
    readonly operator: SigningOperator;
    readonly jwk: PublicJwk | undefined;
    readonly facts: LogFacts;
  },
): Grant {
  const { lifetimeS, ...rights } = of.compiled;
  const nowS = Math.floor(effectiveNowMs(services.clock.now(), of.facts) / 1_000);
  return {
    ...rights,
    v: 1,
    jti: services.ids.next("grt"),
    iss: of.operator.operator,
    aud: `autosd:${of.facts.origin}`,
    iat: nowS,
    nbf: nowS,
    exp: nowS + lifetimeS,
    ...(of.jwk === undefined ? {} : { cnf: { jwk: of.jwk } }),
    log: headOf(of.facts),
  };
}

function otherLog(): GovernanceError {
  return new GovernanceError(
    "AUTOSD-AUDIT-TAMPERED",
    "The audit log was replaced while the grant was signed; nothing was recorded.",
  );
}

function refuseForeignLog({ trust }: SigningOperator, facts: LogFacts): void {
  if (trust.origin === facts.origin) return;
  throw new GovernanceError(
    "AUTOSD-PREAUTH-STORE",
    `The trust list belongs to the audit log ${trust.origin}; this one is ${facts.origin}.`,
    { remedy: "autosd audit verify" },
  );
}
