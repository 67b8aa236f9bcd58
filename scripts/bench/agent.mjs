/**
 * Figures of the agent loop: milliseconds a durable tool turn over fifty turns with a model that
 * answers at once, the size of the first request, the memory at its peak; and what the sandbox
 * itself costs a command.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { bundle, ordered, root } from "./bundled.mjs";

const timeoutMs = 5 * 60_000;

/** Rows of `{name, value, unit, target}`. */
export async function benchAgent({ turns = 50 } = {}) {
  return [...(await benchLoop(turns)), ...(await benchSandbox(turns))];
}

async function benchSandbox(rounds) {
  const orders = { rounds, searchPath: process.env["PATH"] ?? "" };
  const cost = await ordered(await bundle("sandbox-cost"), orders, timeoutMs);
  const row = (name, value, target) => ({ name, value, unit: "ms", target });
  return [
    row(`sandbox: what it adds to a command (${cost.backend})`, cost.boxed - cost.direct, 15),
    row("sandbox: the same with an allow-list of hosts", cost.allowed - cost.direct, 36),
  ];
}

async function benchLoop(turns) {
  const program = await bundle("agent-loop");
  const prompt = await readFile(join(root, "templates/prompts/implement/1.md"), "utf8");
  const measured = async (kind, sandbox) => {
    const searchPath = process.env["PATH"] ?? "";
    return ordered(program, { kind, sandbox, turns, prompt, searchPath }, timeoutMs);
  };
  const edits = await measured("edits", "none");
  const direct = await measured("commands", "none");
  const boxed = await measured("commands", "auto");
  const row = (name, value, unit, target) => ({ name, value, unit, target });
  return [
    row("agent: a durable turn with an edit", edits.turnMs, "ms", 10),
    row("agent: a durable turn with a command, without the command", direct.ownTurnMs, "ms", 10),
    row(
      `agent: the same in the sandbox (${boxed.backend}), without the command`,
      boxed.ownTurnMs,
      "ms",
      10,
    ),
    row("agent: the same with the command", boxed.turnMs, "ms", undefined),
    row("agent: first request", edits.firstBytes, "bytes", 8_192),
    row(
      "agent: peak memory of the loop",
      Math.max(edits.peakBytes, boxed.peakBytes),
      "bytes",
      100e6,
    ),
  ];
}
