import type { RequirementsDocument, Sentence } from "../../requirements/document.ts";
import type { RefinedRequirements } from "../../requirements/refined-requirements.ts";
import type { PlatformPlan } from "../planner.port.ts";
import type { ModelPlatform } from "./model-platforms.ts";

/** The document as a list of its sentences, one a line: what has to be accounted for. */
export function sentencesText(document: RequirementsDocument): string {
  const count = document.sentences.length;
  const lines = document.sentences.map(sentenceLine);
  return `# The ${count} ${count === 1 ? "sentence" : "sentences"} of the requirements\n${lines.join("\n")}`;
}

function sentenceLine(sentence: Sentence): string {
  const section = sentence.headingPath.join(" > ");
  const under = sentence.parent === undefined ? "" : ` (under ${sentence.parent})`;
  return `${sentence.id}${section === "" ? "" : ` [${section}]`}${under} ${sentence.text}`;
}

/** The stories that will be built, without how they are tested. */
export function storiesText(refined: RefinedRequirements): string {
  const lines = refined.stories.flatMap((story) =>
    story.unimplementable === undefined ? [`${story.id} ${story.title}: ${story.iWant}`] : [],
  );
  const qualities = refined.nonfunctional.map((one) => `- ${one.kind}: ${one.statement}`);
  const wishes = refined.stack.map((one) => `- ${one.choice}: ${one.why}`);
  return [
    `# Product\n${refined.title}: ${refined.brief}`,
    `# Stories\n${lines.join("\n") || "None."}`,
    `# Qualities\n${qualities.join("\n") || "None."}`,
    `# Stack\n${wishes.join("\n") || "Nothing was said."}`,
  ].join("\n\n");
}

export function platformsText(platforms: readonly ModelPlatform[]): string {
  const lines = platforms.map((one) => `${one.id}: ${one.title}`);
  return `# Platforms to choose from\n${lines.join("\n")}`;
}

export function planText(plan: PlatformPlan): string {
  const components = plan.components.map((one) => `- ${one.name}: ${one.role}`);
  return `# Platform\n${plan.platform}: ${plan.why}\n${components.join("\n")}`;
}
