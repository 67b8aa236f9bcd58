import { GovernanceError } from "../../governance/errors.ts";
import { standingHaltOf } from "../../governance/policy/standing-halt.ts";
import type { LogFacts } from "../../governance/grants/log-facts.ts";
import type { SignerChoice } from "../../governance/keys/keyring.port.ts";
import { parseSignerChoice } from "../../governance/keys/signer-choice.ts";
import type { Signer } from "../../governance/keys/signer.port.ts";
import type { TrustList } from "../../governance/keys/trust.ts";
import {
  resumeBytes,
  type ResumeStatement,
  type SignedResume,
} from "../../governance/policy/resume-statement.ts";
import { toBase64Url } from "../../kernel/base64url.ts";
import { type HaltServices, operatorActor } from "./halt-services.ts";

/** What resuming came to. */
export interface ResumeReport {
  readonly project: string;
  /** False: neither a halt file nor the log says that it was halted. */
  readonly wasHalted: boolean;
  /** Sequence number of the entry; null when nothing was lifted. */
  readonly seq: number | null;
  /** Key that signed. */
  readonly kid: string | null;
  /** A halt of everything still holds. */
  readonly stillHaltedByAll: boolean;
}

/**
 * Lifts a halt (`*`: that of everything): an operator signs for it, the log records it, then the
 * switch is thrown back. A crash in between leaves it halted. Refused without a trusted key:
 * AUTOSD-PREAUTH-KEYS.
 */
export async function resumeProject(
  services: HaltServices,
  input: { readonly project: string; readonly signer: string | undefined },
): Promise<ResumeReport> {
  const { project } = input;
  const choice = parseSignerChoice(input.signer);
  const audit = await services.audit();
  const facts = await audit.facts();
  const inFiles = await haltedInFiles(services, project);
  const trust = await (await services.keys()).trust();
  const inLog = await standingHaltOf(project, facts, trust);
  const stillHaltedByAll = async (): Promise<boolean> =>
    project !== "*" && (await services.halts.haltOf("*")) !== undefined;
  if (!inFiles && inLog === undefined)
    return {
      project,
      wasHalted: false,
      seq: null,
      kid: null,
      stillHaltedByAll: await stillHaltedByAll(),
    };
  const haltSeq = inLog?.seq ?? null;
  const signed = await signResume(services, { project, choice, haltSeq, trust }, facts);
  const { entries } = await audit.transact(async (now) => {
    await refuseFork(now, signed.statement);
    await refuseNewHalt(now, signed.statement, trust);
    const entry = {
      kind: "resume" as const,
      actor: operatorActor(services),
      project,
      details: { ...signed },
      ...(signed.statement.haltSeq === null ? {} : { ref: signed.statement.haltSeq }),
    };
    return { append: [entry], value: undefined };
  });
  await services.halts.lift(project);
  return {
    project,
    wasHalted: true,
    seq: entries[0]?.seq ?? null,
    kid: signed.kid,
    stillHaltedByAll: await stillHaltedByAll(),
  };
}

async function haltedInFiles(services: HaltServices, project: string): Promise<boolean> {
  const halt = await services.halts.haltOf(project);
  return halt !== undefined && (halt.project === project || project === "*");
}

async function signResume(
  services: HaltServices,
  input: {
    readonly project: string;
    readonly choice: SignerChoice;
    readonly haltSeq: number | null;
    readonly trust: TrustList | undefined;
  },
  facts: LogFacts,
): Promise<SignedResume> {
  const signer = await (await services.keys()).signer(input.choice);
  refuseUntrusted(signer, input.trust, services.clock.now());
  const statement: ResumeStatement = {
    schema: "autosd/resume@1",
    project: input.project,
    haltSeq: input.haltSeq,
    log: { origin: facts.origin, size: facts.size, root: facts.root },
    atMs: services.clock.now(),
  };
  const signature = toBase64Url(await signer.sign(resumeBytes(statement)));
  return { statement, kid: signer.kid, signature };
}

function refuseUntrusted(signer: Signer, trust: TrustList | undefined, nowMs: number): void {
  const key = trust?.keys.find((one) => one.kid === signer.kid);
  const isInUse =
    key?.lastValidSeq === null && (key.notAfter === null || key.notAfter * 1000 > nowMs);
  if (isInUse && key.roles.includes("operator")) return;
  throw new GovernanceError(
    "AUTOSD-PREAUTH-KEYS",
    `Key ${signer.kid} is no operator's key that is trusted and in use; a halt is lifted by an operator.`,
    { remedy: "autosd preauth trust list" },
  );
}

/** What was signed must be the beginning of the log that it is written to. */
async function refuseFork(now: LogFacts, statement: ResumeStatement): Promise<void> {
  const { size, root } = statement.log;
  if ((await now.rootAt(size)) === root) return;
  throw new GovernanceError(
    "AUTOSD-AUDIT-TAMPERED",
    `The audit log was replaced while the signature was made: its first ${size} entries are others.`,
  );
}

/** Who lifts a halt has seen it: one that came in between stays. */
async function refuseNewHalt(
  now: LogFacts,
  statement: ResumeStatement,
  trust: TrustList | undefined,
): Promise<void> {
  const { project, haltSeq } = statement;
  const standing = await standingHaltOf(project, now, trust);
  if ((standing?.seq ?? null) === haltSeq) return;
  throw new GovernanceError(
    "AUTOSD-HALTED",
    "What is to be lifted changed while the signature was made; the halt stays.",
    { remedy: project === "*" ? "autosd resume --all" : `autosd resume --project ${project}` },
  );
}
