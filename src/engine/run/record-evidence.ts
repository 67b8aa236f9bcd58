import { canonicalJson } from "../../kernel/canonical-json.ts";
import { sha256 } from "../../kernel/hash.ts";
import type { BuildContext } from "./build-context.ts";
import type { ProjectVerdict } from "./finish-project.ts";

/**
 * Says in the audit log which gates were green on the commit that the branch ends with: what a grant
 * that asks for gates is held against. Repeating it changes nothing that counts.
 */
export async function recordEvidence(
  build: BuildContext,
  verdict: ProjectVerdict,
): Promise<{ readonly seq: number | null }> {
  const { entries } = await build.services.audit.transact(async () => ({
    append: [
      {
        kind: "evidence",
        actor: { type: "system", id: "autosd", run: build.ctx.runId },
        project: build.projectId,
        commit: verdict.head,
        gates: verdict.report.evidence.map((one) => ({
          name: one.gate,
          ok: one.verdict === "green",
          evidence: sha256(canonicalJson(one)),
        })),
        details: { tree: verdict.report.tree, testsRun: verdict.report.testsRun },
      },
    ],
    value: undefined,
  }));
  return { seq: entries[0]?.seq ?? null };
}
