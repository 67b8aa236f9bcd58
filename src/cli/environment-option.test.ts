import { expect, test } from "vitest";
import { exampleGrantId, grantAnswers } from "./example-grants.ts";
import { policyAnswers } from "./example-policy.ts";
import { runInMemory } from "./memory-context.ts";

const engine = { grants: grantAnswers(), policy: policyAnswers() };

test.each([
  ["policy show --env production", "--env", " Did you mean prod?"],
  ["policy show --env=PROD", "--env", " Did you mean prod?"],
  ["policy explain --project tasks --action deploy --env qa", "--env", ""],
  [
    "preauth create-grant --project-ids a --auto-rollback --environments dev,stage --expires-in-hours 1",
    "--environments",
    " Did you mean staging?",
  ],
  [`preauth delegate ${exampleGrantId} --key k --environments dev, --max-uses 1`, "--environments"],
])("refuses an environment that there is not: %s", async (line, flag, hint = "") => {
  const text = await runInMemory(line.split(" "), engine);
  expect(text).toMatchObject({ exitCode: 2, stdout: "" });
  expect(text.stderr).toContain(`is no environment.${hint}`);
  expect(text.stderr).toContain("AUTOSD-ENV-INVALID");
  expect(text.stderr).toContain(`${flag} dev|staging|prod`);
  const json = await runInMemory([...line.split(" "), "--json"], engine);
  expect(json.exitCode).toBe(2);
  expect(JSON.parse(json.stdout)).toMatchObject({
    schema: "autosd/error@1",
    code: "AUTOSD-ENV-INVALID",
    remedy: `${flag} dev|staging|prod`,
    details: { allowed: ["dev", "staging", "prod"] },
  });
});

test("takes each environment", async () => {
  for (const environment of ["dev", "staging", "prod"]) {
    const { exitCode } = await runInMemory(["policy", "show", "--env", environment], engine);
    expect(exitCode).toBe(0);
  }
});
