import { expect, test } from "vitest";
import { auditAnswers, brokenVerification } from "../example-audit.ts";
import { runInMemory } from "../memory-context.ts";

test("exits 6 and names the finding when the log does not hold", async () => {
  const audit = { ...auditAnswers(), verify: async () => brokenVerification };
  const text = await runInMemory(["audit", "verify"], { audit });
  expect(text.exitCode).toBe(6);
  expect(text.stdout).toContain("entry 4: it does not continue the line before it");
  const json = await runInMemory(["audit", "verify", "--json"], { audit });
  expect(json.exitCode).toBe(6);
  expect(JSON.parse(json.stdout)).toMatchObject({ ok: false, code: "AUTOSD-AUDIT-TAMPERED" });
});

test("refuses a number that is none and a time that is none", async () => {
  const audit = auditAnswers();
  expect((await runInMemory(["audit", "prove", "1e3"], { audit })).exitCode).toBe(2);
  expect((await runInMemory(["audit", "show", "--since", "soon"], { audit })).exitCode).toBe(2);
});

test("writes a table that a spreadsheet reads as text", async () => {
  const audit = {
    ...auditAnswers(),
    entries: async function* () {
      for await (const entry of auditAnswers().entries({})) yield { ...entry, reason: '=1+"1"' };
    },
  };
  const { stdout } = await runInMemory(["audit", "export", "--format", "csv"], { audit });
  expect(stdout).toContain(`"'=1+""1"""`);
});
