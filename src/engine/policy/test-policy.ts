import { z } from "zod";
import { GovernanceError } from "../../governance/errors.ts";
import { decide } from "../../governance/policy/decide.ts";
import { type DecisionInput, decisionInputSchema } from "../../governance/policy/decision-input.ts";
import type { Decision } from "../../governance/policy/decision.ts";
import { jsonPlaces } from "../../governance/policy/json-places.ts";
import { pointerOf } from "../../governance/policy/policy-document.ts";
import { parseStrictJson } from "../../kernel/strict-json.ts";
import { namedText } from "./named-text.ts";
import type { PolicyCalls, PolicyExpectation, PolicyTestReport } from "./policy-calls.ts";
import { policyPlace } from "./policy-place.ts";
import type { PolicyServices } from "./policy-services.ts";
import { readProjectPolicy } from "./project-policy.ts";
import { withoutProject } from "./show-policy.ts";
import { resolvePolicy } from "../../governance/policy/policy-layers.ts";

const maxCasesBytes = 1024 * 1024;

const inputShape = decisionInputSchema.shape;
const actionShape = inputShape.action.shape;
const grantShape = inputShape.grant.unwrap().shape;

/** A case says what matters to it; the rest is harmless. */
const caseSchema = z.strictObject({
  name: z.string().min(1).max(200),
  request: z.strictObject({
    action: actionShape.action,
    project: z.string().default("sample"),
    environment: actionShape.environment.default(null),
    target: actionShape.target.default(null),
    commit: actionShape.commit.default(null),
    artifact: actionShape.artifact.default(null),
    /** A time in UTC. */
    at: z.iso.datetime().default("2026-01-15T12:00:00Z"),
    spendMicrousd: inputShape.ceilingMicrousd.default(0),
    gates: z.array(z.string()).default([]),
    secondsSinceLast: z.number().int().nonnegative().nullable().default(null),
    burning: z.array(z.string()).default([]),
    sandbox: inputShape.sandbox.default("isolated"),
    grant: z
      .strictObject({
        operators: grantShape.operators.default(["owner"]),
        unprotected: grantShape.unprotected.default(false),
        breakGlass: grantShape.breakGlass.default(false),
        waivedGates: grantShape.waivedGates.default([]),
        lifetimeS: grantShape.lifetimeS.default(3_600),
        delegations: grantShape.delegations.default(0),
      })
      .default({
        operators: ["owner"],
        unprotected: false,
        breakGlass: false,
        waivedGates: [],
        lifetimeS: 3_600,
        delegations: 0,
      }),
  }),
  expect: z.strictObject({
    decision: z.enum(["allow", "deny"]),
    code: z.string().optional(),
    /** Ids of exactly the rules that must speak against it. */
    against: z.array(z.string()).optional(),
  }),
});
const casesSchema = z.strictObject({
  schema: z.literal("autosd/policy-cases@1"),
  cases: z.array(caseSchema).min(1).max(10_000),
});
type PolicyCase = z.infer<typeof caseSchema>;

/** Decides each case of a file with the policy in force and compares. */
export async function testPolicy(
  services: PolicyServices,
  input: Parameters<PolicyCalls["test"]>[0],
): Promise<PolicyTestReport> {
  const { cases } = await readCases(services, input.file);
  const place = await policyPlace(services, input);
  const policy =
    place?.kind === "folder"
      ? await readProjectPolicy(services, place)
      : {
          state: resolvePolicy(
            withoutProject(await services.source.texts({ kind: "unknown", project: "" })),
          ),
          overlay: undefined,
        };
  const judged = cases.map((one) => {
    const asked = inputOf(one);
    const decision = decide({
      policy: policy.state,
      input: asked,
      halt: undefined,
      overlay: policy.overlay,
    });
    const found = foundIn(decision);
    return {
      name: one.name,
      ok: meets(found, one.expect),
      expected: one.expect,
      found,
      input: asked,
    };
  });
  return {
    schema: "autosd/policy-test@1",
    cases: judged,
    failed: judged.filter((one) => !one.ok).length,
  };
}

async function readCases(
  services: PolicyServices,
  file: string,
): Promise<z.infer<typeof casesSchema>> {
  const text = await namedText(services, file, maxCasesBytes);
  const json = parseStrictJson(text);
  const places = jsonPlaces(text);
  const at = (place: { readonly line: number; readonly column: number }): string =>
    `${file}:${place.line}:${place.column}`;
  if (json.kind === "refused")
    throw new GovernanceError(
      "AUTOSD-POLICY-INPUT",
      `${at(places.flaw ?? { line: 1, column: 1 })}: ${json.message}`,
    );
  const parsed = casesSchema.safeParse(json.value);
  if (parsed.success) return parsed.data;
  const findings = parsed.error.issues
    .slice(0, 20)
    .map(
      (issue) => `${at(places.placeOf(issue.path))}: ${pointerOf(issue.path)}: ${issue.message}`,
    );
  throw new GovernanceError("AUTOSD-POLICY-INPUT", findings.join("\n"));
}

function inputOf({ request }: PolicyCase): DecisionInput {
  const { action, project, environment, target, commit, artifact } = request;
  const nowMs = Date.parse(request.at);
  return {
    action: { action, project, environment, target, commit, artifact, run: "test" },
    nowMs,
    ceilingMicrousd: request.spendMicrousd,
    grant: { jti: "the grant", ...request.grant },
    gates: request.gates.map((name) => ({ name, ok: true })),
    lastActionAtMs:
      request.secondsSinceLast === null ? null : nowMs - request.secondsSinceLast * 1_000,
    burning: request.burning,
    sandbox: request.sandbox,
  };
}

function foundIn(decision: Decision): PolicyExpectation {
  const against = decision.rules.filter((rule) => rule.verdict !== "pass").map((rule) => rule.id);
  const code = decision.code === null ? {} : { code: decision.code };
  return { decision: decision.decision, ...code, against };
}

function meets(found: PolicyExpectation, expected: PolicyExpectation): boolean {
  const { decision, code, against } = expected;
  const sorted = (ids: readonly string[] | undefined): string => [...(ids ?? [])].sort().join(" ");
  return (
    found.decision === decision &&
    (code === undefined || found.code === code) &&
    (against === undefined || sorted(found.against) === sorted(against))
  );
}
