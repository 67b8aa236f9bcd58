import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { refuseUnpriced } from "./prices.ts";

const price = { input: 1, cachedInput: 1, output: 1 };

test("a budget of money is refused where one of the models has no price", () => {
  const table = { planner: price, "coder-2026-01-01": price };
  expect(() => refuseUnpriced(table, ["planner", "planner-20260101"], "f")).not.toThrow();
  expect(() => refuseUnpriced(table, ["planner", "coder"], "/h/prices.json")).toThrow(
    expect.objectContaining({
      code: "AUTOSD-MODEL-UNCONFIGURED",
      exitCode: 2,
      message: expect.stringContaining("the price of coder is not known") as string,
      remedy: expect.stringContaining('add "coder": {"input"') as string,
    }) as Error,
  );
});

test("the remedy is a command that writes the first price, whatever the model and the folder are called", () => {
  const folder = mkdtempSync(join(tmpdir(), "autosd-it's prices-"));
  const file = join(folder, "prices.json");
  const model = `a"model's/name`;
  let remedy = "";
  try {
    refuseUnpriced({}, [model], file);
  } catch (error) {
    remedy = error instanceof Error && "remedy" in error ? String(error.remedy) : "";
  }
  const [, command = "false"] = /: (printf .*); or limit/.exec(remedy) ?? [];
  execFileSync("sh", ["-c", command]);
  expect(Object.keys(JSON.parse(readFileSync(file, "utf8")) as object)).toEqual([model]);
  rmSync(folder, { recursive: true });
});
