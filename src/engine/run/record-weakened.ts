import type { AuditLog } from "../../governance/audit/audit-log.port.ts";

/** How many entries back a run's own is looked for: a run that was resumed more often records anew. */
const recent = 200;

/**
 * Records, once a run, that generated code runs without a sandbox. Throws what keeps it from being
 * recorded: then the run must not go on.
 */
export async function recordWeakened(
  audit: Pick<AuditLog, "transact" | "entries">,
  runId: string,
): Promise<void> {
  for await (const entry of audit.entries({ kind: "config.weakened", last: recent }))
    if (entry.actor.run === runId) return;
  await audit.transact(async () => ({
    append: [
      {
        kind: "config.weakened",
        actor: { type: "system", id: "autosd", run: runId },
        reason: "generated code runs without a sandbox",
        details: { sandbox: "none" },
      },
    ],
    value: undefined,
  }));
}
