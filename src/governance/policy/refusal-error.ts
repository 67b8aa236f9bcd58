import { GovernanceError } from "../errors.ts";
import type { Refusal } from "./door.ts";

/** The refusal as the error that ends a command. */
export function refusalError(refusal: Refusal, seq: number | undefined): GovernanceError {
  const { code, message, fix, failures, rules } = refusal;
  const [first] = failures;
  return new GovernanceError(code, message, {
    remedy: fix,
    details: {
      ...(first === undefined
        ? {}
        : { reason: first.reason, stage: first.stage, link: first.link }),
      failures,
      rules: rules.filter((rule) => rule.verdict !== "pass"),
      fix,
      ...(seq === undefined ? {} : { audit_seq: seq }),
    },
  });
}
