import { expect, it } from "vitest";
import { describePolicyOverlay, harmlessInput } from "../../governance/policy/overlay.contract.ts";
import { createCedarOverlay } from "./cedar.ts";

const permitsAll = "permit (principal, action, resource);";

describePolicyOverlay("cedar", createCedarOverlay(), {
  permitsAll,
  forbidsProd: `${permitsAll}
    forbid (principal, action == Action::"deploy", resource)
    when { context has environment && context.environment == "prod" };`,
  damaged: [
    "permit (principal, action",
    // What the schema does not know.
    'permit (principal, action == Action::"destroy", resource);',
    "permit (principal, action, resource) when { context.nothing };",
    // Strictly typed: an optional fact needs `has` first.
    'permit (principal, action, resource) when { context.environment == "dev" };',
    // A warning: it can never apply.
    `${permitsAll} forbid (principal, action, resource) when { false };`,
  ],
  // Valid by its types, and too large for a Long once it is added up; Cedar alone would permit.
  failing: `${permitsAll}
    forbid (principal, action, resource) when { context.now_ms + 9223372036854775807 > 0 };`,
});

it("is an error that says what to install when the package is missing", async () => {
  const absent = Object.assign(new Error("Cannot find package"), { code: "ERR_MODULE_NOT_FOUND" });
  const overlay = createCedarOverlay(() => Promise.reject(absent));
  const verdict = (await overlay.load(permitsAll)).evaluate(harmlessInput);
  expect(verdict).toMatchObject({
    kind: "error",
    message: expect.stringContaining("npm install --global @cedar-policy/cedar-wasm") as unknown,
  });
});

it("sees every fact of the action", async () => {
  const overlay = await createCedarOverlay().load(`permit (
      principal == Agent::"run_1", action == Action::"deploy", resource == Project::"shop"
    ) when {
      context has target && context.target == "docker" && context has burning
      && context.burning.isEmpty() && context.operators.containsAll(["ana", "bo"])
      && context.break_glass && !context.unprotected_key && context.sandboxed
      && context.green_gates.contains("tests") && !context.green_gates.contains("lint")
    };`);
  const input = {
    ...harmlessInput,
    gates: [
      { name: "tests", ok: true },
      { name: "lint", ok: false },
    ],
    grant: {
      jti: "grt_1",
      operators: ["ana", "bo"],
      unprotected: false,
      breakGlass: true,
      waivedGates: [],
      lifetimeS: 60,
      delegations: 0,
    },
  };
  expect(overlay.evaluate(input).kind).toBe("permits");
  expect(overlay.evaluate({ ...input, sandbox: "none" }).kind).toBe("denies");
});
