import { type Command, InvalidArgumentError, Option } from "commander";
import type { Bind } from "../action.ts";
import { environmentsOption } from "../environment-option.ts";
import { countUpTo, withExamples } from "../options.ts";

const load = () => import("../actions/preauth-grants.ts");
const signerHelp = "key that signs: its kid, or ssh-agent:<fingerprint>";
const exampleGrant = "grt_01ARZ3NDEKTSV4RRFFQ69G5FAV";

/** `autosd preauth create-grant|list|show|revoke|approve|delegate|release|reinstate`. */
export function addPreauthGrantCommands(group: Command, bind: Bind): void {
  addCreateGrant(group, bind);
  addReading(group, bind);
  addStopping(group, bind);
  addApprove(group, bind);
  addDelegate(group, bind);
  addRelease(group, bind);
}

function addCreateGrant(group: Command, bind: Bind): void {
  const create = group
    .command("create-grant")
    .description("let autosd act on the outside: what no flag names stays forbidden")
    .addOption(names("--project-ids <id>", "projects, repeated or with commas; * alone: all"));
  withRights(create)
    .option("--break-glass", "for an emergency: 2 hours at most, marked everywhere")
    .option("--expires-in-hours <n>", "life, at most 720; fractions allowed", hours);
  withLimits(create, "20", "0: nothing that costs money")
    .addOption(
      names("--gates <name>", "must be recorded green (default: lint,types,tests,secrets)"),
    )
    .addOption(names("--waive-gates <name>", "need not be green; with --break-glass only"))
    .option("--quorum <n>", "operators that must sign (default: 1)", countUpTo(16));
  withDelegate(create).option("--signer <signer>", signerHelp);
  withExamples(create, [
    [
      "deploy to dev and staging for two hours",
      "autosd preauth create-grant --project-ids my-project --auto-deploy-dev --auto-deploy-staging --no-auto-deploy-prod --expires-in-hours 2",
    ],
    [
      "one deployment of one commit to prod, signed by two operators",
      "autosd preauth create-grant --project-ids my-project --auto-deploy-prod --expires-in-hours 1 --max-uses 1 --bind-commit 3f2a1c9e0011223344556677889900aabbccddee --quorum 2",
    ],
    [
      "roll back in prod, in an emergency",
      "autosd preauth create-grant --project-ids my-project --auto-rollback --environments prod --break-glass --expires-in-hours 2",
    ],
  ]);
  bind(create, async () => (await load()).createGrant);
}

function addReading(group: Command, bind: Bind): void {
  const list = group
    .command("list")
    .description("list grants, oldest first; show tells whether one would be accepted")
    .option("--active-only", "without those that are over, revoked or not yet signed");
  withExamples(list, [
    ["those that can be used", "autosd preauth list --active-only"],
    ["all, as JSON", "autosd preauth list --json"],
  ]);
  bind(list, async () => (await load()).listGrants);

  const show = group
    .command("show")
    .description("show one grant: what it allows, who signed it, what is left of it")
    .argument("<grant-id>");
  withExamples(show, [["as JSON", `autosd preauth show ${exampleGrant} --json`]]);
  bind(show, async () => (await load()).showGrant);
}

function addStopping(group: Command, bind: Bind): void {
  const revoke = group
    .command("revoke")
    .description("take a grant back at once, and all that was delegated from it; needs no key")
    .argument("<grant-id>")
    .option("--reason <text>", "why, for the log");
  withExamples(revoke, [
    ["with a reason", `autosd preauth revoke ${exampleGrant} --reason "wrong project"`],
  ]);
  bind(revoke, async () => (await load()).revokeGrant);

  const reinstate = group
    .command("reinstate")
    .description("take a revocation back; an operator signs for it")
    .argument("<grant-id>")
    .option("--reason <text>", "why, for the log")
    .option("--signer <signer>", signerHelp);
  withExamples(reinstate, [
    ["with a reason", `autosd preauth reinstate ${exampleGrant} --reason "revoked by mistake"`],
  ]);
  bind(reinstate, async () => (await load()).reinstateGrant);
}

function addApprove(group: Command, bind: Bind): void {
  const approve = group
    .command("approve")
    .description("add an operator's signature to a grant")
    .argument("<file-or-grant-id>", "a grant's file, or the id of a grant of this machine")
    .option("--import", "only take over the signatures that the file brings")
    .option("--signer <signer>", signerHelp);
  withExamples(approve, [
    ["a file that came from another operator", "autosd preauth approve grant.json"],
    ["take over what another operator signed", "autosd preauth approve grant.json --import"],
  ]);
  bind(approve, async () => (await load()).approveGrant);
}

function addDelegate(group: Command, bind: Bind): void {
  const delegate = group
    .command("delegate")
    .description("make a narrower child of a grant, signed with the key that the grant names")
    .argument("<grant-id>")
    .option("--key <file>", "private key of the grant (made by --new-key)")
    .addOption(names("--project-ids <id>", "projects (default: the grant's)"));
  withRights(delegate).option("--expires-in-hours <n>", "life (default: as the grant)", hours);
  withLimits(delegate, "as the grant", "default: as the grant")
    .addOption(names("--gates <name>", "must be recorded green, besides those of the grant"))
    .addOption(names("--waive-gates <name>", "of those that the grant waives"));
  withDelegate(delegate);
  withExamples(delegate, [
    [
      "one use, in dev only",
      `autosd preauth delegate ${exampleGrant} --key agent.key --environments dev --max-uses 1`,
    ],
    [
      "that can be delegated once more",
      `autosd preauth delegate ${exampleGrant} --key agent.key --depth 1 --new-key helper.key`,
    ],
  ]);
  bind(delegate, async () => (await load()).delegateGrant);
}

function addRelease(group: Command, bind: Bind): void {
  const release = group
    .command("release")
    .description("give back a reservation whose action did not happen; an operator signs for it")
    .argument("<seq>", "number of the reservation's entry in the audit log")
    .option("--reason <text>", "why, for the log")
    .option("--signer <signer>", signerHelp)
    .option("--force", "do not ask");
  withExamples(release, [
    ["after a crash", 'autosd preauth release 812 --reason "nothing was deployed" --force'],
  ]);
  bind(release, async () => (await load()).releaseReservation);
}

/** Each right has its own switch, and each switch its opposite, for scripts that spell both out. */
function withRights(command: Command): Command {
  for (const [flag, purpose] of [
    ["auto-deploy-dev", "deploy and promote to dev"],
    ["auto-deploy-staging", "deploy and promote to staging"],
    ["auto-deploy-prod", "deploy and promote to prod"],
    ["auto-rollback", "roll back, in --environments or where it may deploy"],
    ["auto-heal", "heal, in --environments or where it may deploy"],
    ["auto-push", "push and patch"],
    ["auto-merge-pr", "merge pull requests"],
  ] as const) {
    command.option(`--${flag}`, purpose).addOption(new Option(`--no-${flag}`).hideHelp());
  }
  return command
    .option("--create-repos", "create repositories")
    .option("--rotate-deployments", "rotate deployments, where it may roll back")
    .addOption(environmentsOption("--environments <env>", "where to roll back, heal and rotate"))
    .addOption(names("--targets <name>", "targets of what has an environment (default: any)"));
}

function withLimits(command: Command, uses: string, spend: string): Command {
  return command
    .option("--max-uses <n>", `how many actions in all (default: ${uses})`, countUpTo(1_000_000))
    .option("--max-spend-usd <n>", `what they may cost in all (${spend})`, amount)
    .option("--min-interval-seconds <n>", "least time between two actions", countUpTo(31_536_000))
    .option("--bind-commit <id>", "for this commit only")
    .option("--bind-artifact <digest>", "for this artifact only: sha256:...")
    .option("--agent <name>", "for this agent only (default: any)")
    .option("--reason <text>", "why, for those who sign and for the log");
}

function withDelegate(command: Command): Command {
  return command
    .option("--depth <n>", "how often it may be delegated in turn (default: 0)", countUpTo(4))
    .option("--new-key <file>", "with --depth: write a new private key here; who has it delegates")
    .option("--delegate-to <file>", "with --depth: whoever has this public key (JWK) delegates");
}

/** A list, repeated or with commas. */
function names(flags: string, description: string): Option {
  return new Option(flags, description).argParser(
    (text: string, before: readonly string[] | undefined) => {
      const more = text.split(",").map((name) => name.trim());
      if (more.includes("")) throw new InvalidArgumentError("A name is empty.");
      return [...(before ?? []), ...more];
    },
  );
}

function hours(text: string): number {
  return decimal(text, "It must be a number of hours, such as 2 or 0.5.");
}

function amount(text: string): number {
  return decimal(text, "It must be an amount in US dollars, such as 2 or 0.50.");
}

function decimal(text: string, expected: string): number {
  if (!/^[0-9]{1,9}(\.[0-9]{1,6})?$/.test(text)) throw new InvalidArgumentError(expected);
  return Number(text);
}
