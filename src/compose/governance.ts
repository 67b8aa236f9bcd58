import type { Autosd } from "../engine/autosd.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Ids } from "../kernel/ids.ts";
import type { Log } from "../kernel/log.ts";

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
    readonly config: {
      readonly home: string;
      readonly auditLog: string;
      readonly preauthPassphraseFile: string | undefined;
    };
    readonly cwd: string;
    readonly environment: Readonly<Record<string, string | undefined>>;
    readonly askSecret: ((question: string) => Promise<string>) | undefined;
  };
  readonly clock: () => Promise<Clock>;
  readonly ids: () => Promise<Ids>;
  readonly log: () => Promise<Log>;
  /** Called when the command has ended. */
  readonly onClose: (close: () => Promise<void>) => void;
}

/** Keys, grants, audit trail and policy, each made once and when needed; never the database. */
export class GovernanceParts {
  readonly #needs: GovernanceNeeds;

  constructor(needs: GovernanceNeeds) {
    this.#needs = needs;
  }

  /** Opened by nothing but its own calls: making it touches no file. */
  readonly auditLog = once(async () => {
    const { createAuditLog } = await import("../adapters/governance/create-audit-log.ts");
    const { systemEntropy } = await import("../adapters/governance/entropy.ts");
    const { config } = this.#needs.options;
    const trail = createAuditLog({
      home: config.home,
      logFile: config.auditLog,
      clock: await this.#needs.clock(),
      entropy: systemEntropy,
      log: await this.#needs.log(),
    });
    this.#needs.onClose(() => trail.close());
    return trail;
  });

  readonly keyring = once(async () => {
    const { createKeyFiles } = await import("../adapters/governance/key-files.ts");
    const { createSshAgent } = await import("../adapters/governance/ssh-agent.ts");
    const { systemEntropy } = await import("../adapters/governance/entropy.ts");
    const { recordedTrust } = await import("../engine/preauth/trust-record.ts");
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
    const { createKeyCalls } = await import("../engine/preauth/create-key-calls.ts");
    const { readSharedFile } = await import("../adapters/governance/shared-files.ts");
    return createKeyCalls({
      keyring: await this.keyring(),
      log: () => this.auditLog(),
      files: { read: readSharedFile },
      clock: await this.#needs.clock(),
    });
  });

  readonly grantStore = once(async () =>
    (await import("../adapters/governance/grant-files.ts")).createGrantFiles(
      this.#needs.options.config.home,
    ),
  );

  readonly grantCalls = once(async () => {
    const { createGrantCalls } = await import("../engine/preauth/create-grant-calls.ts");
    const { createDelegationKeys } = await import("../adapters/governance/delegation-keys.ts");
    const { createHandedFiles } = await import("../adapters/governance/handed-files.ts");
    const { userName } = await import("../adapters/governance/user-name.ts");
    const { cwd } = this.#needs.options;
    return createGrantCalls({
      store: await this.grantStore(),
      audit: () => this.auditLog(),
      keyring: () => this.keyring(),
      delegationKeys: createDelegationKeys(cwd),
      files: createHandedFiles(cwd),
      clock: await this.#needs.clock(),
      ids: await this.#needs.ids(),
      log: this.#needs.log,
      operator: userName(),
    });
  });

  readonly auditCalls = once(async () => {
    const { createAuditCalls } = await import("../engine/audit/create-audit-calls.ts");
    const { createHandedFiles } = await import("../adapters/governance/handed-files.ts");
    const { createWitnessClient } = await import("../adapters/governance/witness-client.ts");
    const policyFile = await import("../adapters/governance/witness-policy-file.ts");
    const { home } = this.#needs.options.config;
    return createAuditCalls({
      audit: await this.auditLog(),
      trust: async () => (await this.keyring()).trustFile(),
      grants: () => this.grantStore(),
      files: createHandedFiles(this.#needs.options.cwd),
      witnesses: createWitnessClient(),
      witnessPolicy: {
        path: policyFile.witnessPolicyPath(home),
        read: () => policyFile.readWitnessPolicy(home),
      },
      clock: await this.#needs.clock(),
    });
  });

  /** Without what signing needs: listing is asked often. */
  readonly grantList = once(async () => {
    const { listGrants } = await import("../engine/preauth/list-grants.ts");
    const services = { store: await this.grantStore(), clock: await this.#needs.clock() };
    return (input: Parameters<typeof listGrants>[1]) => listGrants(services, input);
  });
}

/** The calls of governance. */
export function governanceCalls(parts: GovernanceParts): Pick<Autosd, "keys" | "grants" | "audit"> {
  return {
    audit: {
      entries: (filter) => auditEntries(parts, filter),
      verify: async (input) => (await parts.auditCalls()).verify(input),
      prove: async (input) => (await parts.auditCalls()).prove(input),
      checkpoint: async () => (await parts.auditCalls()).checkpoint(),
      saveCheckpoint: async (file) => (await parts.auditCalls()).saveCheckpoint(file),
      anchors: async () => (await parts.auditCalls()).anchors(),
      addAnchor: async (file) => (await parts.auditCalls()).addAnchor(file),
      checkpointAt: async (size) => (await parts.auditCalls()).checkpointAt(size),
      submit: async (input) => (await parts.auditCalls()).submit(input),
      witnesses: async () => (await parts.auditCalls()).witnesses(),
      witnessKey: async () => (await parts.auditCalls()).witnessKey(),
    },
    grants: {
      create: async (input) => (await parts.grantCalls()).create(input),
      list: async (input) => (await parts.grantList())(input),
      show: async (jti) => (await parts.grantCalls()).show(jti),
      revoke: async (input) => (await parts.grantCalls()).revoke(input),
      approve: async (input) => (await parts.grantCalls()).approve(input),
      delegate: async (input) => (await parts.grantCalls()).delegate(input),
      release: async (input) => (await parts.grantCalls()).release(input),
      reinstate: async (input) => (await parts.grantCalls()).reinstate(input),
    },
    keys: {
      init: async (input) => (await parts.keyCalls()).init(input),
      replaceLost: async (input) => (await parts.keyCalls()).replaceLost(input),
      rotate: async (input) => (await parts.keyCalls()).rotate(input),
      trustList: async () => (await parts.keyCalls()).trustList(),
      trustAdd: async (input) => (await parts.keyCalls()).trustAdd(input),
      trustRemove: async (input) => (await parts.keyCalls()).trustRemove(input),
      verifyFile: async (input) => (await parts.keyCalls()).verifyFile(input),
    },
  };
}

async function* auditEntries(
  parts: GovernanceParts,
  filter: Parameters<Autosd["audit"]["entries"]>[0],
): ReturnType<Autosd["audit"]["entries"]> {
  yield* (await parts.auditCalls()).entries(filter);
}
