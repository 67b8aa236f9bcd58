import type { Command } from "commander";
import { expect, test } from "vitest";
import { createMemoryContext } from "../../src/cli/memory-context.ts";
import { buildProgram } from "../../src/cli/program.ts";
import { breakGlassLifetimeS, maxLifetimeS } from "../../src/governance/grants/grant.ts";
import { defaultGates, defaultMaxUses } from "../../src/governance/grants/grant-wishes.ts";
import { builtInLimits } from "../../src/governance/policy/built-in-policy.ts";

// The command line may not import governance, so its help repeats these figures.

function named(commands: readonly Command[], name: string): Command {
  const found = commands.find((one) => one.name() === name);
  if (found === undefined) throw new Error(`there is no command ${name}`);
  return found;
}

const program = buildProgram(createMemoryContext().context, async () => undefined);
const createGrant = named(named(program.commands, "preauth").commands, "create-grant");

function helpOf(flag: string): string {
  const option = createGrant.options.find((one) => one.long === flag);
  if (option === undefined) throw new Error(`create-grant has no ${flag}`);
  return option.description;
}

test("the help of create-grant says the figures that grants are made and checked with", () => {
  expect(maxLifetimeS / 3_600).toBe(builtInLimits.maxGrantLifetimeHours);
  expect(helpOf("--expires-in-hours")).toContain(`at most ${maxLifetimeS / 3_600};`);
  expect(helpOf("--break-glass")).toContain(`${breakGlassLifetimeS / 3_600} hours at most`);
  expect(helpOf("--max-uses")).toContain(`(default: ${defaultMaxUses})`);
  expect(helpOf("--gates")).toContain(`(default: ${defaultGates.join(",")})`);
});
