import type { Autosd } from "./engine/autosd.ts";
import type { GenesisLog } from "./engine/preauth/key-services.ts";
import { GovernanceError } from "./governance/errors.ts";
import type { Clock } from "./kernel/clock.ts";
import type { Log } from "./kernel/log.ts";

/** Remembers what a factory made; a failure is not remembered. */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}

/** What governance is made of, besides its own adapters. */
export interface GovernanceNeeds {
  readonly options: {
    readonly config: { readonly home: string; readonly preauthPassphraseFile: string | undefined };
    readonly environment: Readonly<Record<string, string | undefined>>;
    readonly askSecret: ((question: string) => Promise<string>) | undefined;
  };
  readonly clock: () => Promise<Clock>;
  readonly log: () => Promise<Log>;
}

/** Keys, grants, audit trail and policy, each made once and when needed; never the database. */
export class GovernanceParts {
  readonly #needs: GovernanceNeeds;

  constructor(needs: GovernanceNeeds) {
    this.#needs = needs;
  }

  readonly auditLog = once(async (): Promise<GenesisLog> => {
    throw new GovernanceError("AUTOSD-AUDIT-UNWRITABLE", "There is no audit log yet.");
  });

  readonly keyring = once(async () => {
    const { createKeyFiles } = await import("./adapters/governance/key-files.ts");
    const { createSshAgent } = await import("./adapters/governance/ssh-agent.ts");
    const { systemEntropy } = await import("./adapters/governance/entropy.ts");
    const { recordedTrust } = await import("./engine/preauth/trust-record.ts");
    const { config, environment, askSecret } = this.#needs.options;
    return createKeyFiles({
      home: config.home,
      entropy: systemEntropy,
      clock: await this.#needs.clock(),
      passphrase: { file: config.preauthPassphraseFile, ask: askSecret },
      agent: createSshAgent(environment["SSH_AUTH_SOCK"]),
      recorded: async () => recordedTrust(await this.auditLog()),
    });
  });

  readonly keyCalls = once(async () => {
    const { createKeyCalls } = await import("./engine/preauth/create-key-calls.ts");
    const { readSharedFile } = await import("./adapters/governance/shared-files.ts");
    return createKeyCalls({
      keyring: await this.keyring(),
      log: () => this.auditLog(),
      files: { read: readSharedFile },
      clock: await this.#needs.clock(),
    });
  });
}

/** The calls of governance. */
export function governanceCalls(parts: GovernanceParts): Pick<Autosd, "keys"> {
  return {
    keys: {
      init: async (input) => (await parts.keyCalls()).init(input),
      rotate: async (input) => (await parts.keyCalls()).rotate(input),
      trustList: async () => (await parts.keyCalls()).trustList(),
      trustAdd: async (input) => (await parts.keyCalls()).trustAdd(input),
      trustRemove: async (input) => (await parts.keyCalls()).trustRemove(input),
      verifyFile: async (input) => (await parts.keyCalls()).verifyFile(input),
    },
  };
}
