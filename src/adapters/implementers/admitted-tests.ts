import type { ImplementationTask } from "../../delivery/agent/implementer.port.ts";
import { isGateConfiguration } from "../../delivery/verification/gate-configuration.ts";

/**
 * Existing tests that may change: those that the story itself names. The implementer's word for it would
 * be leave to delete any test; and what configures a gate is no test.
 */
export function admittedTests(
  task: ImplementationTask,
  claimed: readonly string[],
): readonly string[] {
  const { story } = task;
  const said = [
    story.title,
    story.narrative,
    ...story.sentences.map((one) => one.text),
    ...story.criteria.flatMap((one) => [one.given, one.when, one.then]),
  ].join("\n");
  return claimed.filter((path) => said.includes(path) && !isGateConfiguration(path));
}
