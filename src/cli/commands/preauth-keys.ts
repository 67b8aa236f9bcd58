import type { Command } from "commander";
import type { Bind } from "../action.ts";
import { choice, countUpTo, withExamples } from "../options.ts";

const load = () => import("../actions/preauth-keys.ts");
const signerHelp = "key that signs: its kid, or ssh-agent:<fingerprint>";

/** `autosd preauth init-keys|rotate-keys|trust|verify`. */
export function addPreauthKeysCommands(group: Command, bind: Bind): void {
  const init = group
    .command("init-keys")
    .description("make the signing key and the trust list")
    .option("--operator <name>", "whose key it is (default: owner)")
    .option("--signer <signer>", "use this key of the SSH agent: ssh-agent:<fingerprint>")
    .option(
      "--replace-lost",
      "begin anew on the same log when nobody can sign any more; asks first",
    )
    .option("--force", "do not ask");
  withExamples(init, [
    ["the first thing to do", "autosd preauth init-keys"],
    ["the passphrase is lost", "autosd preauth init-keys --replace-lost"],
    ["with a key that the SSH agent holds", "autosd preauth init-keys --signer ssh-agent:SHA256:x"],
  ]);
  bind(init, async () => (await load()).initKeys);

  const rotate = group
    .command("rotate-keys")
    .description("replace a signing key; what the old one signed stays valid, it signs nothing new")
    .option("--kid <kid>", "key to replace (default: the only one in use on this machine)")
    .option("--signer <signer>", "replace it by this key of the SSH agent: ssh-agent:<fingerprint>")
    .option("--force", "do not ask");
  withExamples(rotate, [
    ["without a question", "autosd preauth rotate-keys --force"],
    ["as JSON", "autosd preauth rotate-keys --force --json"],
  ]);
  bind(rotate, async () => (await load()).rotateKeys);

  addTrustCommands(group, bind);

  const verify = group
    .command("verify")
    .description("check the signatures of a grant or a trust list, without a log or a key")
    .argument("<file>")
    .option("--trust-file <file>", "trust list to check against (default: the one in use here)");
  withExamples(verify, [
    ["against the trust list in use here", "autosd preauth verify grant.json"],
    ["on another machine", "autosd preauth verify grant.json --trust-file trust.json"],
  ]);
  bind(verify, async () => (await load()).verifyFile);
}

function addTrustCommands(group: Command, bind: Bind): void {
  const trust = withExamples(
    group.command("trust").description("whose signatures count on this machine"),
    [
      ["all keys", "autosd preauth trust list"],
      ["a second operator", "autosd preauth trust add second.jwk --operator second"],
    ],
  );
  const list = trust.command("list").description("list the keys");
  withExamples(list, [["as JSON", "autosd preauth trust list --json"]]);
  bind(list, async () => (await load()).listTrust);

  const add = trust
    .command("add")
    .description("let a public key sign")
    .argument("<file>", "JWK, or an ssh-ed25519 public key file")
    .option("--operator <name>", "the person that the key belongs to; must be given")
    .addOption(choice("--role <role>", "what it may sign (default: operator)", roles))
    .option("--expires-in-days <n>", "trust it for so many days only", countUpTo(36_500))
    .option("--signer <signer>", signerHelp);
  withExamples(add, [
    ["a second operator", "autosd preauth trust add second.jwk --operator second"],
    ["for a week", "autosd preauth trust add id.pub --operator guest --expires-in-days 7"],
  ]);
  bind(add, async () => (await load()).addTrust);

  const remove = trust
    .command("remove")
    .description("distrust a key at once: also what it signed before")
    .argument("<kid>")
    .option("--signer <signer>", signerHelp)
    .option("--force", "do not ask");
  withExamples(remove, [["without a question", "autosd preauth trust remove KID --force"]]);
  bind(remove, async () => (await load()).removeTrust);
}

const roles = ["operator", "agent"];
