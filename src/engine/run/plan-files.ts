import type { Planner, PlanningRun, PlatformPlan } from "../../delivery/agent/planner.port.ts";
import type { RequirementsDocument } from "../../delivery/requirements/document.ts";
import type { RefinedRequirements } from "../../delivery/requirements/refined-requirements.ts";
import { renderRefined } from "../../delivery/requirements/render-refined.ts";
import type { ProjectFiles } from "../../state/project-files.port.ts";

/** Writes the requirements as given, `refined_requirements.json` and its readable form `.md`. Repeatable. */
export async function writeRefined(
  files: ProjectFiles,
  directory: string,
  document: RequirementsDocument,
  refined: RefinedRequirements,
): Promise<void> {
  await files.write(directory, "requirements.md", document.text);
  await files.write(directory, "refined_requirements.json", pretty(refined));
  await files.write(directory, "refined_requirements.md", renderRefined(refined, document));
}

/** Writes `platform_plan.json` and `design_doc.md`. Repeatable. */
export async function writePlan(
  files: ProjectFiles,
  run: PlanningRun,
  planner: Planner,
  input: {
    readonly document: RequirementsDocument;
    readonly refined: RefinedRequirements;
    readonly plan: PlatformPlan;
  },
): Promise<void> {
  const { document, refined, plan } = input;
  const { directory } = run;
  await files.write(
    directory,
    "platform_plan.json",
    pretty({ schema: "autosd/platform-plan@1", ...plan }),
  );
  const design = await planner.designDocument(document, refined, plan, run);
  await files.write(directory, "design_doc.md", design);
}

function pretty(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
