import type { EntryFilter } from "../../engine/audit/audit-calls.ts";
import type { ExitCode } from "../../kernel/errors.ts";
import { type Invocation, writeJson } from "../action.ts";
import { CliError } from "../errors.ts";
import {
  csvHeader,
  csvLine,
  renderAnchors,
  renderEntries,
  renderVerification,
} from "../render/audit.ts";
import { timeOption } from "../time-option.ts";
import { choiceOption, countOption, textOption } from "../typed-options.ts";

const defaultLast = 50;
const maxShown = 10_000;

/** `autosd audit show`. */
export async function showAudit(invocation: Invocation): Promise<ExitCode> {
  const { context, options } = invocation;
  const last = countOption(options, "last") ?? defaultLast;
  if (last > maxShown)
    throw new CliError("AUTOSD-USAGE", `At most ${maxShown} entries are shown.`, {
      remedy: "autosd audit export --help",
    });
  const entries = [];
  const engine = await invocation.engine();
  for await (const entry of engine.audit.entries({ ...filterOf(invocation), last }))
    entries.push(entry);
  if (invocation.json) writeJson(invocation, { schema: "autosd/audit-entries@1", entries });
  else context.stdout.write(renderEntries(entries, context.stdout));
  return 0;
}

/** `autosd audit verify`: 6 when something does not hold. */
export async function verifyAudit(invocation: Invocation): Promise<ExitCode> {
  const { context, options } = invocation;
  const given = options["anchor"];
  const files = Array.isArray(given) ? given.map(String) : [];
  const verification = await (await invocation.engine()).audit.verify({ files });
  const ok = verification.failures.length === 0;
  const exitCode = ok ? 0 : 6;
  if (invocation.json)
    writeJson(invocation, {
      schema: "autosd/audit-verification@1",
      ok,
      ...(ok ? {} : { code: "AUTOSD-AUDIT-TAMPERED", exitCode }),
      ...verification,
    });
  else context.stdout.write(renderVerification(verification, context.stdout));
  return exitCode;
}

/** `autosd audit prove`. */
export async function proveAudit(invocation: Invocation): Promise<ExitCode> {
  const { context, options } = invocation;
  const [text = ""] = invocation.positionals;
  if (!/^(0|[1-9][0-9]{0,14})$/.test(text))
    throw new CliError("AUTOSD-USAGE", `${text} is not the number of an entry.`, {
      remedy: "autosd audit show",
    });
  const seq = Number(text);
  const file = textOption(options, "out");
  const proof = await (await invocation.engine()).audit.prove({ seq, file });
  if (invocation.json) writeJson(invocation, { schema: "autosd/audit-proof@1", seq, file, proof });
  else if (file === undefined) context.stdout.write(proof);
  else context.stdout.write(`The proof of entry ${seq} is in ${file}.\n`);
  return 0;
}

/** `autosd audit checkpoint`: the newest, or with `--at` a kept one. */
export async function showCheckpoint(invocation: Invocation): Promise<ExitCode> {
  const size = countOption(invocation.options, "at");
  if (size !== undefined) {
    const kept = await (await invocation.engine()).audit.checkpointAt(size);
    if (invocation.json) writeJson(invocation, { schema: "autosd/audit-checkpoint@1", ...kept });
    else invocation.context.stdout.write(kept.note);
    return 0;
  }
  const signed = await (await invocation.engine()).audit.checkpoint();
  if (invocation.json) writeJson(invocation, { schema: "autosd/audit-checkpoint@1", ...signed });
  else invocation.context.stdout.write(signed.note);
  return 0;
}

/** `autosd audit anchor`: the anchors, or with `--out` the newest checkpoint in a file. */
export async function anchorAudit(invocation: Invocation): Promise<ExitCode> {
  const { context, options } = invocation;
  const engine = await invocation.engine();
  const file = textOption(options, "out");
  if (file === undefined) {
    const anchors = await engine.audit.anchors();
    if (invocation.json) writeJson(invocation, { schema: "autosd/audit-anchors@1", anchors });
    else context.stdout.write(renderAnchors(anchors, context.stdout));
    return 0;
  }
  const signed = await engine.audit.saveCheckpoint(file);
  if (invocation.json)
    writeJson(invocation, { schema: "autosd/audit-checkpoint@1", file, ...signed });
  else
    context.stdout.write(
      `The checkpoint of ${signed.checkpoint.size} entries is in ${file}. Keep it where nobody who can write the log can change it.\n`,
    );
  return 0;
}

/** `autosd audit anchor add`. */
export async function addAnchor(invocation: Invocation): Promise<ExitCode> {
  const [file = ""] = invocation.positionals;
  const checkpoint = await (await invocation.engine()).audit.addAnchor(file);
  if (invocation.json) writeJson(invocation, { schema: "autosd/audit-anchor@1", checkpoint });
  else
    invocation.context.stdout.write(
      `The log extends the checkpoint of ${checkpoint.size} entries, and is held to it from now on.\n`,
    );
  return 0;
}

/** `autosd audit export`. */
export async function exportAudit(invocation: Invocation): Promise<ExitCode> {
  const { stdout } = invocation.context;
  const format = choiceOption(invocation.options, "format", ["jsonl", "csv"]) ?? "jsonl";
  if (invocation.json && format === "csv")
    throw new CliError("AUTOSD-USAGE", "--json and --format csv exclude each other.");
  const last = countOption(invocation.options, "last");
  const filter = { ...filterOf(invocation), ...(last === undefined ? {} : { last }) };
  const found = (await invocation.engine()).audit.entries(filter);
  if (invocation.json) {
    const entries = [];
    for await (const entry of found) entries.push(entry);
    writeJson(invocation, { schema: "autosd/audit-entries@1", entries });
    return 0;
  }
  if (format === "csv") stdout.write(csvHeader);
  for await (const entry of found)
    stdout.write(format === "csv" ? csvLine(entry) : `${JSON.stringify(entry)}\n`);
  return 0;
}

function filterOf({ options, context }: Invocation): EntryFilter {
  const nowMs = context.clock.now();
  const project = textOption(options, "project");
  const action = textOption(options, "action");
  const grant = textOption(options, "grant");
  const decision = choiceOption(options, "decision", ["allow", "deny"]);
  const kind = textOption(options, "kind");
  const sinceMs = timeOption(options, "since", nowMs);
  const untilMs = timeOption(options, "until", nowMs);
  return {
    ...(project === undefined ? {} : { project }),
    ...(action === undefined ? {} : { action }),
    ...(grant === undefined ? {} : { grant }),
    ...(decision === undefined ? {} : { decision }),
    ...(kind === undefined ? {} : { kind }),
    ...(sinceMs === undefined ? {} : { sinceMs }),
    ...(untilMs === undefined ? {} : { untilMs }),
  };
}
