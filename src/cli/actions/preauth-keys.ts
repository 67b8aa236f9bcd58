import type { KeyCalls } from "../../engine/preauth/key-calls.ts";
import type { ExitCode } from "../../kernel/errors.ts";
import { type Invocation, writeJson } from "../action.ts";
import { confirm } from "../confirmation.ts";
import { CliError } from "../errors.ts";
import {
  renderKeysMade,
  renderKeysReplaced,
  renderKeysRotated,
  renderTrust,
  renderVerifiedFile,
} from "../render/preauth-keys.ts";
import { choiceOption, countOption, switchOption, textOption } from "../typed-options.ts";

const defaultOperator = "owner";

/** `autosd preauth init-keys`. */
export async function initKeys(invocation: Invocation): Promise<ExitCode> {
  const { options, context } = invocation;
  const { keys } = await invocation.engine();
  const input = {
    operator: textOption(options, "operator") ?? defaultOperator,
    signer: textOption(options, "signer"),
  };
  if (switchOption(options, "replaceLost")) return replaceLost(invocation, keys, input);
  const made = await keys.init(input);
  if (invocation.json) writeJson(invocation, { schema: "autosd/keys@1", ...made });
  else context.stdout.write(renderKeysMade(made, context.stdout));
  return 0;
}

/** `autosd preauth init-keys --replace-lost`: asks first. */
async function replaceLost(
  invocation: Invocation,
  keys: KeyCalls,
  input: Parameters<KeyCalls["replaceLost"]>[0],
): Promise<ExitCode> {
  const { stdout } = invocation.context;
  await confirm(invocation, "Distrust all keys, and with them everything that they signed?", [
    "--replace-lost",
  ]);
  const replaced = await keys.replaceLost(input);
  if (invocation.json) writeJson(invocation, { schema: "autosd/keys-replaced@1", ...replaced });
  else stdout.write(renderKeysReplaced(replaced, stdout));
  return 0;
}

/** `autosd preauth rotate-keys`: asks first. */
export async function rotateKeys(invocation: Invocation): Promise<ExitCode> {
  const { options, context } = invocation;
  const kid = textOption(options, "kid");
  const engine = await invocation.engine();
  await confirm(invocation, `Retire ${kid ?? "the signing key"} and make a new one?`);
  const rotated = await engine.keys.rotate({ kid, signer: textOption(options, "signer") });
  if (invocation.json) writeJson(invocation, { schema: "autosd/keys-rotated@1", ...rotated });
  else context.stdout.write(renderKeysRotated(rotated, context.stdout));
  return 0;
}

/** `autosd preauth trust list`. */
export async function listTrust(invocation: Invocation): Promise<ExitCode> {
  const { stdout } = invocation.context;
  const trust = await (await invocation.engine()).keys.trustList();
  if (invocation.json) writeJson(invocation, { schema: "autosd/trust@1", ...trust });
  else stdout.write(renderTrust(trust, stdout));
  return 0;
}

/** `autosd preauth trust add`. */
export async function addTrust(invocation: Invocation): Promise<ExitCode> {
  const { options, context } = invocation;
  const [file = ""] = invocation.positionals;
  const operator = textOption(options, "operator");
  if (operator === undefined)
    throw new CliError("AUTOSD-USAGE", "Say whose key it is: --operator NAME.", {
      remedy: "autosd preauth trust add --help",
    });
  const changed = await (
    await invocation.engine()
  ).keys.trustAdd({
    file,
    operator,
    role: choiceOption(options, "role", ["operator", "agent"]) ?? "operator",
    expiresInDays: countOption(options, "expiresInDays"),
    signer: textOption(options, "signer"),
  });
  if (invocation.json) writeJson(invocation, { schema: "autosd/trust-changed@1", ...changed });
  else
    context.stdout.write(
      `Trusts ${changed.key.kid} of ${changed.key.operator} (trust list ${changed.version}).\n`,
    );
  return 0;
}

/** `autosd preauth trust remove`: asks first. */
export async function removeTrust(invocation: Invocation): Promise<ExitCode> {
  const { options, context } = invocation;
  const [kid = ""] = invocation.positionals;
  const engine = await invocation.engine();
  await confirm(invocation, `Distrust ${kid}, and with it all grants that it signed?`);
  const changed = await engine.keys.trustRemove({ kid, signer: textOption(options, "signer") });
  if (invocation.json) writeJson(invocation, { schema: "autosd/trust-changed@1", ...changed });
  else
    context.stdout.write(
      `Distrusts ${changed.key.kid} of ${changed.key.operator} (trust list ${changed.version}).\n`,
    );
  return 0;
}

/** `autosd preauth verify`: exits 3 when the file does not hold. */
export async function verifyFile(invocation: Invocation): Promise<ExitCode> {
  const { options, context } = invocation;
  const [file = ""] = invocation.positionals;
  const verified = await (
    await invocation.engine()
  ).keys.verifyFile({ file, trustFile: textOption(options, "trustFile") });
  if (invocation.json)
    writeJson(invocation, { schema: "autosd/preauth-verification@1", ...verified });
  else context.stdout.write(renderVerifiedFile(verified, context.stdout));
  return verified.ok ? 0 : 3;
}
