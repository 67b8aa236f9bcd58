import type { Command } from "commander";
import type { Bind } from "../action.ts";
import { choice, countUpTo, withExamples } from "../options.ts";

const load = () => import("../actions/audit.ts");
const loadWitnesses = () => import("../actions/audit-witnesses.ts");
/** More entries than a log can have. */
const maxSize = Number.MAX_SAFE_INTEGER;

/** `autosd audit show|verify|prove|checkpoint|anchor|witnesses|export`. */
export function addAuditCommands(program: Command, bind: Bind): void {
  const group = withExamples(
    program.command("audit").description("the record of every privileged action, and its proofs"),
    [
      ["what was refused lately", "autosd audit show --decision deny --last 20"],
      ["whether the record still is what was recorded", "autosd audit verify"],
    ],
  );
  const show = withFilters(group.command("show").description("show entries, newest last"));
  withExamples(show, [
    ["of one grant", "autosd audit show --grant grt_01JZ0000000000000000000000"],
    ["deployments of a day, as JSON", "autosd audit show --action deploy --since 24h --json"],
  ]);
  bind(show, async () => (await load()).showAudit);

  const verify = group
    .command("verify")
    .description("check chain, tree, signatures and anchors of the whole log; exits 6 if one fails")
    .option("--anchor <file...>", "checkpoints that were kept elsewhere");
  withExamples(verify, [
    ["with what is on this machine", "autosd audit verify"],
    ["with a checkpoint from a safe place", "autosd audit verify --anchor kept.checkpoint"],
  ]);
  bind(verify, async () => (await load()).verifyAudit);

  const prove = group
    .command("prove")
    .description("prove that an entry stands in the signed log")
    .argument("<seq>")
    .option("--out <file>", "write the .tlog-proof to a file");
  withExamples(prove, [["for a postmortem", "autosd audit prove 12 --out deploy.tlog-proof"]]);
  bind(prove, async () => (await load()).proveAudit);

  const checkpoint = group
    .command("checkpoint")
    .description("print the newest signed checkpoint, or one of the past")
    .option("--at <size>", "the kept one that covers so many entries", countUpTo(maxSize));
  withExamples(checkpoint, [
    ["keep it elsewhere", "autosd audit checkpoint"],
    ["the one that covers the first 812 entries", "autosd audit checkpoint --at 812"],
  ]);
  bind(checkpoint, async () => (await load()).showCheckpoint);

  addAnchorCommands(group, bind);

  const exported = withFilters(
    group.command("export").description("write entries for other programs, oldest first"),
  ).addOption(choice("--format <format>", "jsonl (default) or csv", ["jsonl", "csv"]));
  withExamples(exported, [["as a table", "autosd audit export --format csv --since 30d"]]);
  bind(exported, async () => (await load()).exportAudit);
}

/** Anchors, and the witnesses that make them. */
function addAnchorCommands(group: Command, bind: Bind): void {
  const anchor = group
    .command("anchor")
    .description("list the checkpoints that the log must extend, or write the newest to a file")
    .option("--out <file>", "write the newest checkpoint to a file");
  withExamples(anchor, [
    ["keep the newest one elsewhere", "autosd audit anchor --out kept.checkpoint"],
    ["hold the log to one that was kept", "autosd audit anchor add kept.checkpoint"],
  ]);
  bind(anchor, async () => (await load()).anchorAudit);
  const add = anchor
    .command("add")
    .description("hold the log to a checkpoint that was kept elsewhere")
    .argument("<file>");
  withExamples(add, [["from a file", "autosd audit anchor add kept.checkpoint"]]);
  bind(add, async () => (await load()).addAnchor);
  const submit = anchor
    .command("submit")
    .description("have the witnesses of the policy cosign the newest checkpoint, and keep it");
  withExamples(submit, [
    ["every hour, from a timer", "autosd audit anchor submit"],
    ["who answered what, as JSON", "autosd audit anchor submit --json"],
  ]);
  bind(submit, async () => (await loadWitnesses()).submitAnchor);

  const witnesses = group
    .command("witnesses")
    .description("show who is asked to cosign the log, and the key that they know it by")
    .option("--key", "print the log line for policies and witnesses, making the key if need be");
  withExamples(witnesses, [
    ["who is asked", "autosd audit witnesses"],
    ["what a witness must be told first", "autosd audit witnesses --key"],
  ]);
  bind(witnesses, async () => (await loadWitnesses()).showWitnesses);
}

function withFilters(command: Command): Command {
  return command
    .option("--project <id>", "of one project")
    .option("--action <action>", "of one action, such as deploy")
    .option("--grant <id>", "that used, issued or revoked a grant")
    .addOption(choice("--decision <decision>", "allowed or denied ones only", ["allow", "deny"]))
    .option("--kind <kind>", "of one kind, such as reserve")
    .option("--since <time>", "from then on: a duration back (24h) or a time (2026-01-31T10:00Z)")
    .option("--until <time>", "before then: a duration back or a time")
    .option("--last <n>", "the newest so many", countUpTo(1_000_000));
}
