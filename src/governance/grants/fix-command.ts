import type { PrivilegedAction } from "./action.ts";
import { hasEnvironment } from "./narrowing.ts";
import type { GrantFailure, GrantReason } from "./reasons.ts";

/** Words that a shell takes as they are. */
const plainWord = /^[A-Za-z0-9_@%+=:,./-]+$/;

/**
 * The command that makes the least grant for one action: this project, this environment, this
 * target, once, for an hour. Without `gates` it asks for those that grants ask for by default.
 */
export function createGrantCommand(
  action: Pick<PrivilegedAction, "action" | "project" | "environment" | "target">,
  gates: readonly string[] = [],
): string {
  const { project, target } = action;
  const words = [
    ...["autosd", "preauth", "create-grant", "--project-ids", project],
    ...rightFlags(action),
    ...(target !== null && hasEnvironment(action.action) ? ["--targets", target] : []),
    ...gates.flatMap((gate) => ["--gates", gate]),
    ...["--max-uses", "1", "--expires-in-hours", "1"],
  ];
  return words.map(quoted).join(" ");
}

/** What puts a refusal right, as a command line: by the first finding that a command can mend. */
export function fixCommand(
  action: PrivilegedAction,
  grant: string | undefined,
  failures: readonly GrantFailure[],
): string {
  const [first] = failures;
  if (grant === undefined || first === undefined) return createGrantCommand(action);
  const enough = first.facts?.["enough"];
  if (first.reason === "gate_missing" && Array.isArray(enough))
    return createGrantCommand(action, enough);
  return (
    [...fixOf(first.reason, action, grant)].map(quoted).join(" ") || createGrantCommand(action)
  );
}

function fixOf(reason: GrantReason, action: PrivilegedAction, grant: string): readonly string[] {
  switch (reason) {
    case "quorum_short":
      return ["autosd", "preauth", "approve", grant];
    case "gate_missing":
      // No smaller grant would do. Evidence comes from runs; this shows what there is.
      return ["autosd", "audit", "show", "--kind", "evidence", "--project", action.project];
    case "replay":
    case "rate":
    case "not_yet":
      return ["autosd", "preauth", "show", grant];
    case "log_pin_fork":
    case "log_pin_missing":
      return ["autosd", "audit", "verify"];
    default:
      return [];
  }
}

function rightFlags(action: Pick<PrivilegedAction, "action" | "environment">): readonly string[] {
  const environment = action.environment ?? "dev";
  switch (action.action) {
    case "deploy":
    case "promote":
      return [`--auto-deploy-${environment}`];
    case "rollback":
      return ["--auto-rollback", "--environments", environment];
    case "heal":
      return ["--auto-heal", "--environments", environment];
    case "rotate-deployment":
      return ["--rotate-deployments", "--environments", environment];
    case "push":
    case "patch":
      return ["--auto-push"];
    case "merge-pr":
      return ["--auto-merge-pr"];
    case "create-repo":
      return ["--create-repos"];
  }
}

function quoted(word: string): string {
  return plainWord.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
