import type { ExitCode } from "../../kernel/errors.ts";
import { type Invocation, writeJson } from "../action.ts";
import { confirm } from "../confirmation.ts";
import { CliError } from "../errors.ts";
import {
  issueWarnings,
  renderApproval,
  renderGrants,
  renderIssued,
  renderRevocation,
  renderStanding,
} from "../render/preauth-grants.ts";
import { switchOption, textOption } from "../typed-options.ts";
import { delegateKey, grantWishes, narrowerWishes } from "./grant-wishes.ts";

/** `autosd preauth create-grant`: the first line is the id. */
export async function createGrant(invocation: Invocation): Promise<ExitCode> {
  const { options, context } = invocation;
  const wishes = grantWishes(options);
  const issued = await (
    await invocation.engine()
  ).grants.create({
    wishes,
    signer: textOption(options, "signer"),
    delegate: delegateKey(options),
  });
  context.stderr.write(issueWarnings(issued));
  if (invocation.json)
    writeJson(invocation, { schema: "autosd/grant-issued@1", id: issued.grant.jti, ...issued });
  else context.stdout.write(renderIssued(issued, context.stdout));
  return 0;
}

/** `autosd preauth list`. */
export async function listGrants(invocation: Invocation): Promise<ExitCode> {
  const { options, context } = invocation;
  const activeOnly = switchOption(options, "activeOnly");
  const grants = await (await invocation.engine()).grants.list({ activeOnly });
  if (invocation.json) writeJson(invocation, { schema: "autosd/grants@1", grants });
  else context.stdout.write(renderGrants(grants, context.stdout));
  return 0;
}

/** `autosd preauth show`. */
export async function showGrant(invocation: Invocation): Promise<ExitCode> {
  const { context } = invocation;
  const [id = ""] = invocation.positionals;
  const standing = await (await invocation.engine()).grants.show(id);
  if (invocation.json) writeJson(invocation, { schema: "autosd/grant@1", ...standing });
  else context.stdout.write(renderStanding(standing, context.stdout));
  return 0;
}

/** `autosd preauth revoke`: asks nothing, stopping is free. */
export async function revokeGrant(invocation: Invocation): Promise<ExitCode> {
  const { options, context } = invocation;
  const [jti = ""] = invocation.positionals;
  const reason = textOption(options, "reason") ?? "";
  const report = await (await invocation.engine()).grants.revoke({ jti, reason });
  if (report.notRecorded !== null)
    context.stderr.write(
      `warning: the audit log does not know of it (${report.notRecorded.code}); the grant is revoked all the same.\n`,
    );
  if (invocation.json) writeJson(invocation, { schema: "autosd/grant-revoked@1", ...report });
  else context.stdout.write(renderRevocation(report));
  return 0;
}

/** `autosd preauth reinstate`. */
export async function reinstateGrant(invocation: Invocation): Promise<ExitCode> {
  const { options, context } = invocation;
  const [jti = ""] = invocation.positionals;
  const reinstated = await (
    await invocation.engine()
  ).grants.reinstate({
    jti,
    reason: textOption(options, "reason") ?? "",
    signer: textOption(options, "signer"),
  });
  if (invocation.json)
    writeJson(invocation, { schema: "autosd/grant-reinstated@1", ...reinstated });
  else
    context.stdout.write(
      reinstated.wasRevoked
        ? `${jti} is no longer revoked (entry ${reinstated.seq ?? ""}).\n`
        : `${jti} was not revoked.\n`,
    );
  return 0;
}

/** `autosd preauth approve`. */
export async function approveGrant(invocation: Invocation): Promise<ExitCode> {
  const { options, context } = invocation;
  const [source = ""] = invocation.positionals;
  const approved = await (
    await invocation.engine()
  ).grants.approve({
    source,
    signer: textOption(options, "signer"),
    importOnly: switchOption(options, "import"),
  });
  if (invocation.json) writeJson(invocation, { schema: "autosd/grant-approved@1", ...approved });
  else context.stdout.write(renderApproval(approved, context.stdout));
  return 0;
}

/** `autosd preauth delegate`: the first line is the id. */
export async function delegateGrant(invocation: Invocation): Promise<ExitCode> {
  const { options, context } = invocation;
  const [jti = ""] = invocation.positionals;
  const keyFile = textOption(options, "key");
  if (keyFile === undefined)
    throw new CliError("AUTOSD-USAGE", "Say where the grant's private key is: --key FILE.", {
      remedy: "autosd preauth delegate --help",
    });
  const issued = await (
    await invocation.engine()
  ).grants.delegate({
    jti,
    keyFile,
    wishes: narrowerWishes(options),
    delegate: delegateKey(options),
  });
  if (invocation.json)
    writeJson(invocation, { schema: "autosd/grant-issued@1", id: issued.grant.jti, ...issued });
  else context.stdout.write(renderIssued(issued, context.stdout));
  return 0;
}

/** `autosd preauth release`: asks first. */
export async function releaseReservation(invocation: Invocation): Promise<ExitCode> {
  const { options, context } = invocation;
  const [text = ""] = invocation.positionals;
  if (!/^[0-9]{1,15}$/.test(text))
    throw new CliError("AUTOSD-USAGE", `An entry has a number; ${JSON.stringify(text)} is none.`, {
      remedy: "autosd audit show --kind reserve",
    });
  const engine = await invocation.engine();
  await confirm(invocation, `Give back reservation ${text}? Its action must not have happened.`);
  const released = await engine.grants.release({
    seq: Number(text),
    reason: textOption(options, "reason") ?? "",
    signer: textOption(options, "signer"),
  });
  if (invocation.json)
    writeJson(invocation, { schema: "autosd/reservation-released@1", ...released });
  else
    context.stdout.write(
      `Reservation ${released.reservation} was given back to ${released.chain.join(", ")} (entry ${released.seq}).\n`,
    );
  return 0;
}
