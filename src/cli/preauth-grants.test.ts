import { expect, test } from "vitest";
import type { Autosd } from "../engine/autosd.ts";
import { exampleGrantId, grantAnswers, issuedGrant } from "./example-grants.ts";
import { runInMemory } from "./memory-context.ts";

type Wishes = Parameters<Autosd["grants"]["create"]>[0]["wishes"];

async function wishesOf(line: string): Promise<Wishes | undefined> {
  let seen: Wishes | undefined;
  const create: Autosd["grants"]["create"] = async ({ wishes }) => {
    seen = wishes;
    return issuedGrant;
  };
  const args = ["preauth", "create-grant", ...line.split(" ")];
  await runInMemory(args, { grants: { ...grantAnswers(), create } });
  return seen;
}

test("asks for what its flags name and for nothing else", async () => {
  const wishes = await wishesOf(
    "--project-ids a,b --project-ids c --auto-deploy-dev --auto-deploy-staging --no-auto-deploy-prod --expires-in-hours 0.5",
  );
  expect(wishes).toMatchObject({
    projectIds: ["a", "b", "c"],
    autoDeploy: ["dev", "staging"],
    autoRollback: false,
    autoPush: false,
    breakGlass: false,
    expiresInHours: 0.5,
    maxUses: undefined,
  });
});

test("prints the id first, the warning elsewhere, and one document with --json", async () => {
  const engine = { grants: grantAnswers() };
  const args = "preauth create-grant --project-ids a --auto-push --expires-in-hours 1".split(" ");
  const text = await runInMemory(args, engine);
  expect(text.exitCode).toBe(0);
  expect(text.stdout.split("\n")[0]).toBe(exampleGrantId);
  expect(text.stderr).toContain("unprotected key");
  const json = await runInMemory([...args, "--json"], engine);
  expect(JSON.parse(json.stdout)).toMatchObject({
    schema: "autosd/grant-issued@1",
    id: exampleGrantId,
  });
});

test.each([
  ["preauth create-grant --auto-push --expires-in-hours 1", "--project-ids"],
  ["preauth create-grant --project-ids a --auto-push", "--expires-in-hours"],
  ["preauth create-grant --project-ids a --expires-in-hours x", "number of hours"],
  ["preauth create-grant --project-ids a, --expires-in-hours 1", "A name is empty"],
  ["preauth create-grant --project-ids a --environments qa --expires-in-hours 1", "dev|staging"],
  [`preauth delegate ${exampleGrantId}`, "--key FILE"],
  ["preauth release seven --force", "An entry has a number"],
])("refuses '%s' and says what is wrong", async (line, sentence) => {
  const { exitCode, stderr } = await runInMemory(line.split(" "), { grants: grantAnswers() });
  expect(exitCode).toBe(2);
  expect(stderr).toContain(sentence);
});

test("revokes without a question, and says when the log does not know of it", async () => {
  const revoke: Autosd["grants"]["revoke"] = async ({ jti, reason }) => ({
    jti,
    reason,
    atMs: 0,
    wasRevoked: false,
    notRecorded: { code: "AUTOSD-AUDIT-UNWRITABLE", message: "full" },
  });
  const grants = { ...grantAnswers(), revoke };
  const result = await runInMemory(["preauth", "revoke", exampleGrantId], { grants });
  expect(result).toMatchObject({ exitCode: 0, stdout: `${exampleGrantId} is revoked.\n` });
  expect(result.stderr).toContain("AUTOSD-AUDIT-UNWRITABLE");
});

test("gives nothing back without --force when nobody can be asked", async () => {
  const engine = { grants: grantAnswers() };
  const refused = await runInMemory(["preauth", "release", "7"], engine);
  expect(refused.exitCode).toBe(2);
  expect(refused.stderr).toContain("AUTOSD-CONFIRMATION-REQUIRED");
  const done = await runInMemory(["preauth", "release", "7", "--force"], engine);
  expect(done.stdout).toContain("Reservation 7 was given back");
});
