import { privilegedActions } from "../../governance/grants/action.ts";

const facts = [
  "environment?: String",
  "target?: String",
  "commit?: String",
  "artifact?: String",
  "run: String",
  "now_ms: Long",
  "ceiling_microusd: Long",
  "sandboxed: Bool",
  "operators: Set<String>",
  "unprotected_key: Bool",
  "break_glass: Bool",
  "green_gates: Set<String>",
  "burning?: Set<String>",
].join(",\n    ");

const names = privilegedActions.map((action) => JSON.stringify(action)).join(", ");

/** What `policy.cedar` may speak of, in Cedar's own schema language. */
export const cedarSchema = `entity Agent;
entity Project;
action ${names} appliesTo {
  principal: [Agent],
  resource: [Project],
  context: {
    ${facts}
  }
};
`;
