import { join } from "node:path";
import { GovernanceError } from "../../governance/errors.ts";
import {
  createSealedKey,
  describeEnvelope,
  type EnvelopeFacts,
  maxEnvelopeBytes,
  openSealedKey,
} from "../../governance/keys/key-envelope.ts";
import type { Keyring, SignerChoice } from "../../governance/keys/keyring.port.ts";
import { renderPublicKeyFile } from "../../governance/keys/public-key-file.ts";
import {
  refuseUnrecordedTrust,
  type TrustOnRecord,
  withRecordedRecoveries,
} from "../../governance/keys/recorded-trust.ts";
import type { Signer } from "../../governance/keys/signer.port.ts";
import {
  isActiveOperator,
  maxTrustBytes,
  type OpenedTrust,
  openTrust,
} from "../../governance/keys/trust-list.ts";
import { kidSchema } from "../../governance/keys/trust.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Entropy } from "../../kernel/entropy.ts";
import { knownPassphrase, newPassphrase, type PassphraseSource } from "./passphrase.ts";
import {
  checkPrivateFolder,
  listPrivateFolder,
  readPrivateFile,
  removeLeftovers,
  removePrivateFile,
  writePrivateFile,
} from "./private-files.ts";
import type { AgentKey, SshAgent } from "./ssh-agent.ts";

const keySuffix = ".key";
const publicSuffix = ".jwk";

export interface KeyFilesOptions {
  readonly home: string;
  readonly entropy: Entropy;
  readonly clock: Clock;
  readonly passphrase: PassphraseSource;
  readonly agent: SshAgent;
  /** What the audit log says about the trust list; undefined when it says nothing. */
  readonly recorded: () => Promise<TrustOnRecord | undefined>;
}

/** The keyring of `<home>/preauth` and of the SSH agent. */
export function createKeyFiles(options: KeyFilesOptions): Keyring {
  const files = new KeyFiles(options);
  return {
    trust: () => files.trust(),
    trustFile: () => files.trustFile(),
    signer: (choice) => files.signer(choice),
    create: () => files.create(),
    held: () => files.held(),
    discard: (kid) => files.discard(kid),
    saveTrust: (bytes, { first }) => files.saveTrust(bytes, first),
  };
}

class KeyFiles {
  readonly #options: KeyFilesOptions;
  readonly #folder: string;
  readonly #keys: string;
  readonly #trust: string;

  constructor(options: KeyFilesOptions) {
    this.#options = options;
    this.#folder = join(options.home, "preauth");
    this.#keys = join(this.#folder, "keys");
    this.#trust = join(this.#folder, "trust.json");
  }

  async trust(): Promise<OpenedTrust["trust"] | undefined> {
    const opened = await this.trustFile();
    if (opened === undefined) return undefined;
    const recorded = await this.#options.recorded();
    refuseUnrecordedTrust(opened, recorded);
    return withRecordedRecoveries(opened.trust, recorded);
  }

  async trustFile(): Promise<OpenedTrust | undefined> {
    if (!(await checkPrivateFolder(this.#folder))) return undefined;
    const bytes = await readPrivateFile(this.#trust, {
      maxBytes: maxTrustBytes,
      secrecy: "public",
    });
    if (bytes === undefined) return undefined;
    const opened = openTrust(bytes);
    if (opened.kind === "trusted") return opened;
    throw damaged(this.#trust, `is not a trust list that holds: ${opened.message}`);
  }

  async held(): Promise<readonly string[]> {
    await checkPrivateFolder(this.#folder);
    const names = await listPrivateFolder(this.#keys);
    return names
      .filter((name) => name.endsWith(keySuffix))
      .map((name) => name.slice(0, -keySuffix.length))
      .filter((kid) => kidSchema.safeParse(kid).success);
  }

  async create(): Promise<Signer> {
    const { entropy, clock } = this.#options;
    const passphrase = await newPassphrase(this.#options.passphrase);
    const { signer, envelope } = await createSealedKey(entropy, passphrase, clock.now());
    if (!(await writePrivateFile(this.#pathOf(signer.kid), envelope, { replace: false })))
      throw damaged(this.#pathOf(signer.kid), "is there already");
    return signer;
  }

  async discard(kid: string): Promise<void> {
    await removePrivateFile(this.#pathOf(kid));
  }

  async saveTrust(bytes: Uint8Array, first: boolean): Promise<boolean> {
    const opened = openTrust(bytes);
    if (opened.kind === "refused")
      throw damaged(this.#trust, `would not be a trust list that holds: ${opened.message}`);
    const public_ = join(this.#folder, "trust");
    if (first && (await this.trustFile()) !== undefined) return false;
    for (const { kid, jwk, protection } of opened.trust.keys)
      await writePrivateFile(
        join(public_, `${kid}${publicSuffix}`),
        renderPublicKeyFile(jwk, protection),
        { replace: true },
      );
    // Last: only this counts.
    if (!(await writePrivateFile(this.#trust, bytes, { replace: !first }))) return false;
    for (const folder of [this.#folder, this.#keys, public_]) await removeLeftovers(folder);
    await this.#removeStrangers(public_, new Set(opened.trust.keys.map((key) => key.kid)));
    return true;
  }

  async signer(choice: SignerChoice): Promise<Signer> {
    if (choice.sshAgent !== undefined) return this.#agentSigner(choice.sshAgent);
    return choice.kid === undefined ? this.#onlySigner() : this.#signerOf(choice.kid);
  }

  async #agentSigner(fingerprint: string): Promise<Signer> {
    const { agent } = this.#options;
    const key = (await agent.keys()).find((one) => one.fingerprint === fingerprint);
    if (key !== undefined) return agent.signer(key);
    throw unusable(`The SSH agent holds no Ed25519 key ${fingerprint}.`, "ssh-add -l");
  }

  /** From its file, or from the agent when there is no file. */
  async #signerOf(kid: string): Promise<Signer> {
    if ((await this.held()).includes(kid)) return this.#unlock(kid);
    const { agent } = this.#options;
    const key = (await this.#agentKeys()).find((one) => one.kid === kid);
    if (key !== undefined) return agent.signer(key);
    throw unusable(`The key ${kid} is neither in a file here nor held by an SSH agent.`);
  }

  async #onlySigner(): Promise<Signer> {
    const trust = await this.trustFile();
    if (trust === undefined)
      throw unusable("There are no signing keys yet.", "autosd preauth init-keys");
    const nowS = Math.floor(this.#options.clock.now() / 1_000);
    const usable = trust.trust.keys
      .filter((key) => isActiveOperator(key) && (key.notAfter === null || nowS <= key.notAfter))
      .map((key) => key.kid);
    const held = new Set(await this.held());
    const inFiles = usable.filter((kid) => held.has(kid));
    // Without a key in a file, one in the agent will do.
    const candidates =
      inFiles.length > 0
        ? inFiles
        : (await this.#agentKeys()).map((key) => key.kid).filter((kid) => usable.includes(kid));
    const [only, ...others] = candidates;
    if (only === undefined)
      throw unusable("No signing key that is trusted and in use is on this machine.");
    if (others.length > 0)
      throw unusable(`Several keys could sign (${candidates.join(", ")}): choose with --signer.`);
    return this.#signerOf(only);
  }

  /** An agent that is not there holds no keys. */
  async #agentKeys(): Promise<readonly AgentKey[]> {
    try {
      return await this.#options.agent.keys();
    } catch (error) {
      if (error instanceof GovernanceError) return [];
      throw error;
    }
  }

  async #unlock(kid: string): Promise<Signer> {
    const path = this.#pathOf(kid);
    const limits = { maxBytes: maxEnvelopeBytes, secrecy: "secret" } as const;
    const bytes = await readPrivateFile(path, limits);
    if (bytes === undefined) throw unusable(`The file of the key ${kid} is gone.`);
    const facts = this.#factsOf(path, bytes, kid);
    const passphrase =
      facts.protection === "unprotected"
        ? undefined
        : await knownPassphrase(this.#options.passphrase, kid);
    const opened = await openSealedKey(bytes, passphrase);
    if (opened.kind === "opened") return opened.signer;
    switch (opened.reason) {
      case "malformed":
        throw damaged(path, "is not the key that it says");
      case "passphrase_missing":
        throw unusable(
          `The key ${kid} has a passphrase, and nobody is there to type it.`,
          "Run the command on a terminal, or set AUTOSD_PREAUTH_PASSPHRASE_FILE.",
        );
      case "locked":
        throw unusable(
          `The passphrase is not the one of the key ${kid}, or the key's file was changed.`,
          "Run the command again with the right passphrase.",
        );
    }
  }

  #factsOf(path: string, bytes: Uint8Array, kid: string): EnvelopeFacts {
    const facts = describeEnvelope(bytes);
    if (facts?.kid === kid) return facts;
    throw damaged(path, "is not the key that its name says");
  }

  async #removeStrangers(folder: string, kids: ReadonlySet<string>): Promise<void> {
    for (const name of await listPrivateFolder(folder))
      if (name.endsWith(publicSuffix) && !kids.has(name.slice(0, -publicSuffix.length)))
        await removePrivateFile(join(folder, name));
  }

  #pathOf(kid: string): string {
    // The only text that may become part of a path.
    if (!kidSchema.safeParse(kid).success) throw unusable(`${JSON.stringify(kid)} is not a kid.`);
    return join(this.#keys, `${kid}${keySuffix}`);
  }
}

function damaged(path: string, finding: string): GovernanceError {
  return new GovernanceError("AUTOSD-PREAUTH-STORE", `${path} ${finding}.`, {
    remedy: "Restore the file from a copy.",
    details: { path },
  });
}

function unusable(message: string, remedy = "autosd preauth trust list"): GovernanceError {
  return new GovernanceError("AUTOSD-PREAUTH-KEYS", message, { remedy });
}
