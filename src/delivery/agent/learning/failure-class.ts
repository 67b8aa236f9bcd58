/**
 * What goes wrong with a prompt, as far as it can be counted. `turn`: what it costs are the answers
 * that it happened in; `attempt`: it costs the whole attempt. One answer may count for several.
 */
export const failureClasses = {
  "edit-ambiguous": { costs: "turn", title: "edit refused: the old text fits several places" },
  "edit-absent": { costs: "turn", title: "edit refused: the old text is not in the file" },
  "edit-empty": { costs: "turn", title: "edit refused: it would change nothing" },
  "arguments-refused": { costs: "turn", title: "call with arguments that the tool does not take" },
  "unknown-tool": { costs: "turn", title: "call of a tool that does not exist" },
  "file-absent": { costs: "turn", title: "file read, changed or deleted that is not there" },
  "read-again": { costs: "turn", title: "the same text read again" },
  "command-timeout": { costs: "turn", title: "command stopped: it took too long" },
  "answer-cut": { costs: "turn", title: "answer cut at its longest length" },
  "idle-answer": { costs: "turn", title: "answer that called no tool" },
  "done-refused": { costs: "turn", title: "said to be done when it plainly was not" },
  "answer-not-json": { costs: "turn", title: "answer that is no JSON object" },
  "answer-refused": { costs: "turn", title: "answer that its check refused" },
  "no-progress": { costs: "attempt", title: "attempt ended: nothing changed, nothing new seen" },
  "context-outgrown": { costs: "attempt", title: "attempt ended: the conversation was too long" },
  "never-done": { costs: "attempt", title: "attempt ended without the word that it is done" },
  "gate-install": { costs: "attempt", title: "said to be done, and the install gate is red" },
  "gate-format": { costs: "attempt", title: "said to be done, and the format gate is red" },
  "gate-lint": { costs: "attempt", title: "said to be done, and the lint gate is red" },
  "gate-types": { costs: "attempt", title: "said to be done, and the types gate is red" },
  "gate-tests": { costs: "attempt", title: "said to be done, and the tests gate is red" },
  "gate-acceptance": { costs: "attempt", title: "said to be done, and no test shows a criterion" },
  "gate-test-integrity": { costs: "attempt", title: "said to be done, and tests were weakened" },
  "gate-secrets": { costs: "attempt", title: "said to be done, and a secret is in the files" },
  "gate-sbom": { costs: "attempt", title: "said to be done, and the sbom gate is red" },
  "gate-docs": { costs: "attempt", title: "said to be done, and the docs gate is red" },
} as const;

export type FailureClass = keyof typeof failureClasses;

/** Undefined for a gate that no class is for. */
export function gateClass(gate: string): FailureClass | undefined {
  const name = `gate-${gate}`;
  return isFailureClass(name) ? name : undefined;
}

function isFailureClass(name: string): name is FailureClass {
  return Object.hasOwn(failureClasses, name);
}
