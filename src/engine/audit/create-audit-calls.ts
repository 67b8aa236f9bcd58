import type { AuditTrail, SignedCheckpoint } from "../../governance/audit/audit-trail.port.ts";
import type { Pin } from "../../governance/audit/log-verification.ts";
import { entryKinds } from "../../governance/audit/entry.ts";
import { maxNoteBytes } from "../../governance/audit/signed-note.ts";
import type { Witnesses } from "../../governance/audit/witnesses.port.ts";
import { GovernanceError } from "../../governance/errors.ts";
import { parseGrantFile } from "../../governance/grants/grant-file.ts";
import type { GrantStore } from "../../governance/grants/grant-store.port.ts";
import type { HandedFiles } from "../../governance/grants/handed-files.port.ts";
import type { OpenedTrust } from "../../governance/keys/trust-list.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { AuditCalls } from "./audit-calls.ts";
import { withStatements } from "./operator-statements.ts";
import { pastCheckpoint } from "./past-checkpoint.ts";
import { withSuccession } from "./trust-succession.ts";
import {
  openWitnessPolicy,
  requireWitnessPolicy,
  type WitnessPolicyFile,
} from "./witness-policy.ts";
import { askWitnesses } from "./witness-round.ts";

export interface AuditServices {
  readonly audit: AuditTrail;
  /** The trust list of this machine, verified by itself. */
  readonly trust: () => Promise<OpenedTrust | undefined>;
  readonly grants: () => Promise<Pick<GrantStore, "list" | "read">>;
  readonly files: HandedFiles;
  readonly witnessPolicy: WitnessPolicyFile;
  readonly witnesses: Witnesses;
  readonly clock: Clock;
}

/** The calls of `autosd audit`. */
export function createAuditCalls(services: AuditServices): AuditCalls {
  const { audit, files } = services;
  const checkpoint = async (): Promise<SignedCheckpoint> => {
    const signed = await audit.checkpoint();
    if (signed !== undefined) return signed;
    throw new GovernanceError("AUTOSD-AUDIT-QUERY", "Nothing was recorded yet.", {
      remedy: "autosd preauth init-keys",
    });
  };
  return {
    entries: (filter) => {
      refuseUnknownKind(filter.kind);
      return audit.entries(filter);
    },
    verify: async ({ files: paths }) => {
      const trust = await services.trust();
      const policy = await openWitnessPolicy(services.witnessPolicy);
      const checkpoints = [];
      for (const path of paths)
        checkpoints.push({ source: path, note: await files.read(path, maxNoteBytes) });
      const verified = await audit.verify({
        genesis:
          trust === undefined
            ? undefined
            : { origin: trust.trust.origin, vkey: trust.trust.genesis },
        pins: await grantPins(services),
        checkpoints,
        ...(policy === undefined ? {} : { witnessing: { policy, nowMs: services.clock.now() } }),
      });
      const withWords = await withStatements(verified, audit, trust?.trust);
      return withSuccession(withWords, audit, trust);
    },
    prove: async ({ seq, file }) => {
      const proof = await audit.prove(seq);
      if (file !== undefined) await files.write(file, Buffer.from(proof, "utf8"));
      return proof;
    },
    checkpoint,
    saveCheckpoint: async (file) => {
      const signed = await checkpoint();
      await files.write(file, Buffer.from(signed.note, "utf8"));
      return signed;
    },
    anchors: () => audit.anchors(),
    ...witnessCalls(services),
    checkpointAt: async (size) => pastCheckpoint(audit, size),
    addAnchor: async (file) => audit.addAnchor(await files.read(file, maxNoteBytes)),
  };
}

/** A misspelt kind must not look like a log in which nothing of the kind happened. */
function refuseUnknownKind(kind: string | undefined): void {
  if (kind === undefined || entryKinds.some((one) => one === kind)) return;
  throw new GovernanceError(
    "AUTOSD-AUDIT-QUERY",
    `There are no entries of the kind ${JSON.stringify(kind)}; the kinds are ${entryKinds.join(", ")}.`,
  );
}

function witnessCalls(
  services: AuditServices,
): Pick<AuditCalls, "submit" | "witnesses" | "witnessKey"> {
  const { audit, witnessPolicy } = services;
  return {
    submit: async ({ signal }) =>
      askWitnesses(services, await requireWitnessPolicy(witnessPolicy), signal),
    witnesses: async () => ({
      path: witnessPolicy.path,
      vkey: await audit.witnessed.key(),
      witnesses: (await openWitnessPolicy(witnessPolicy))?.witnesses.map(({ name, url }) => ({
        ...{ name, url },
      })),
    }),
    witnessKey: () => audit.witnessed.ensureKey(),
  };
}

/** Each grant carries the head of the log that its operators saw when they signed it. */
async function grantPins({ audit, grants }: AuditServices): Promise<readonly Pin[]> {
  const origin = (await audit.identity())?.origin;
  const store = await grants();
  const pins: Pin[] = [];
  for (const jti of await store.list()) {
    const file = await store.read(jti);
    const parsed = file === undefined ? undefined : parseGrantFile(file);
    if (parsed?.kind !== "parsed") continue;
    const [{ grant }] = parsed.links;
    // A grant of another machine's log is a witness of that one.
    if (origin !== undefined && grant.log.origin !== origin) continue;
    pins.push({ source: `grant ${jti}`, size: grant.log.size, root: grant.log.root });
  }
  return pins;
}
