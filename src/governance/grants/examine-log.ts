import { failureOf } from "./failure.ts";
import type { GrantChain } from "./grant-file.ts";
import type { Grant } from "./grant.ts";
import type { RevocationState } from "./grant-store.port.ts";
import type { LogFacts } from "./log-facts.ts";
import type { GrantFailure } from "./reasons.ts";

/** Step 10: neither a file nor the log says that a link was revoked; what cannot be read says yes. */
export async function revocationFailures(
  check: {
    readonly facts: Pick<LogFacts, "isRevoked">;
    readonly revocationOf: (jti: string) => Promise<RevocationState>;
  },
  links: GrantChain,
): Promise<readonly GrantFailure[]> {
  const failures: GrantFailure[] = [];
  for (const [link, { grant }] of links.entries()) {
    const failure = revocationFailure(
      { jti: grant.jti, link },
      await check.revocationOf(grant.jti),
      check.facts,
    );
    if (failure !== undefined) failures.push(failure);
  }
  return failures;
}

function revocationFailure(
  of: { readonly jti: string; readonly link: number },
  state: RevocationState,
  facts: Pick<LogFacts, "isRevoked">,
): GrantFailure | undefined {
  const place = { stage: 10, link: of.link };
  switch (state.kind) {
    case "unreadable":
      return failureOf(
        "revocation_unreadable",
        place,
        `Whether ${of.jti} was revoked cannot be read: ${state.finding}.`,
      );
    case "revoked": {
      const { reason } = state.revocation;
      const because = reason === "" ? "" : `: ${reason}`;
      return failureOf("revoked", place, `${of.jti} was revoked${because}.`);
    }
    case "none":
      return facts.isRevoked(of.jti)
        ? failureOf("revoked", place, `The audit log records that ${of.jti} was revoked.`)
        : undefined;
  }
}

/** Step 11: our log is the one that the signers saw, and it records that each link was issued. */
export async function pinFailures(
  check: { readonly facts: Pick<LogFacts, "origin" | "size" | "rootAt" | "issuedAt"> },
  links: GrantChain,
): Promise<readonly GrantFailure[]> {
  const failures: GrantFailure[] = [];
  for (const [link, { grant }] of links.entries()) {
    const failure = await pinFailure(grant, link, check.facts);
    if (failure !== undefined) failures.push(failure);
  }
  return failures;
}

/** As much of step 11 as the name of our log alone can say. */
export function foreignPinFailures(
  check: { readonly facts: Pick<LogFacts, "origin"> },
  links: GrantChain,
): readonly GrantFailure[] {
  const { origin } = check.facts;
  return links.flatMap(({ grant }, link) =>
    grant.log.origin === origin ? [] : [foreignPin(grant, link, origin)],
  );
}

function foreignPin(
  { jti, log }: Pick<Grant, "jti" | "log">,
  link: number,
  origin: string,
): GrantFailure {
  const message = `${jti} was signed with the audit log ${log.origin} in view; this one is ${origin}.`;
  return failureOf("log_pin_fork", { stage: 11, link }, message);
}

async function pinFailure(
  { jti, log }: Grant,
  link: number,
  facts: Pick<LogFacts, "origin" | "size" | "rootAt" | "issuedAt">,
): Promise<GrantFailure | undefined> {
  const place = { stage: 11, link };
  if (log.origin !== facts.origin) return foreignPin({ jti, log }, link, facts.origin);
  const root = await facts.rootAt(log.size);
  if (root === undefined)
    return failureOf(
      "log_pin_missing",
      place,
      `${jti} was signed when the audit log had ${log.size} entries; it has ${facts.size} now.`,
      { need: log.size, have: facts.size },
    );
  if (root !== log.root)
    return failureOf(
      "log_pin_fork",
      place,
      `The first ${log.size} entries of the audit log are not those that the signers of ${jti} saw.`,
    );
  return issueFailure({ jti, place, pinned: log.size }, facts.issuedAt(jti));
}

function issueFailure(
  of: {
    readonly jti: string;
    readonly place: { readonly stage: number; readonly link: number };
    readonly pinned: number;
  },
  issued: number | undefined,
): GrantFailure | undefined {
  if (issued === undefined)
    return failureOf(
      "log_pin_missing",
      of.place,
      `The audit log does not record that ${of.jti} was issued.`,
    );
  if (issued >= of.pinned) return undefined;
  return failureOf(
    "log_pin_fork",
    of.place,
    `${of.jti} was issued as entry ${issued}, before the ${of.pinned} entries that it pins.`,
  );
}
