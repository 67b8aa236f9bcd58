import type { ExitCode } from "../../kernel/errors.ts";
import { type Invocation, writeJson } from "../action.ts";
import { renderRound, renderWitnesses } from "../render/audit-witnesses.ts";

/** `autosd audit anchor submit`: 6 when a witness has seen another log, 5 without a quorum. */
export async function submitAnchor(invocation: Invocation): Promise<ExitCode> {
  const { context } = invocation;
  const engine = await invocation.engine();
  const round = await engine.audit.submit({ signal: context.signal });
  const exitCode = round.contradicted ? 6 : round.isQuorum ? 0 : 5;
  const code = round.contradicted ? "AUTOSD-AUDIT-TAMPERED" : "AUTOSD-AUDIT-UNWITNESSED";
  if (invocation.json)
    writeJson(invocation, {
      schema: "autosd/audit-witness-round@1",
      ok: exitCode === 0,
      ...(exitCode === 0 ? {} : { code, exitCode }),
      ...round,
    });
  else context.stdout.write(renderRound(round, context.stdout));
  return exitCode;
}

/** `autosd audit witnesses`; with `--key` the key to give to them, which is made if need be. */
export async function showWitnesses(invocation: Invocation): Promise<ExitCode> {
  const { context, options } = invocation;
  const { audit } = await invocation.engine();
  if (options["key"] === true) {
    const vkey = await audit.witnessKey();
    if (invocation.json) writeJson(invocation, { schema: "autosd/audit-witness-key@1", vkey });
    else context.stdout.write(`log ${vkey}\n`);
    return 0;
  }
  const overview = await audit.witnesses();
  if (invocation.json) writeJson(invocation, { schema: "autosd/audit-witnesses@1", ...overview });
  else context.stdout.write(renderWitnesses(overview, context.stdout));
  return 0;
}
