import type { GovernanceParts } from "./governance.ts";
import { once } from "./governance.ts";
import type { Autosd } from "../engine/autosd.ts";
import type { Folders } from "../engine/ports/folders.port.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import type { ProcessRunner } from "../kernel/process.ts";
import type { ProjectStore } from "../state/projects.port.ts";
import type { ProjectFiles } from "../state/project-files.port.ts";

/** What policy and the kill switch are made of, besides governance's own parts. */
export interface PolicyNeeds {
  readonly config: {
    readonly home: string;
    readonly auditLog: string;
    readonly sandbox: string;
  };
  /** Absolute. */
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly governance: GovernanceParts;
  readonly parts: {
    readonly clock: () => Promise<Clock>;
    readonly log: () => Promise<Log>;
    readonly files: () => Promise<ProjectFiles>;
    readonly folders: () => Promise<Folders>;
    readonly runner: () => Promise<ProcessRunner>;
    /** Of what a halt says only, and after it is in force. */
    readonly projects: () => Promise<Pick<ProjectStore, "list">>;
  };
}

/** More than a misspelt name is compared with. */
const maxKnownProjects = 10_000;

/** Policy, the kill switch and the door, each made once and when needed; nothing depends on the database. */
export class PolicyParts {
  readonly #needs: PolicyNeeds;

  constructor(needs: PolicyNeeds) {
    this.#needs = needs;
  }

  readonly haltSwitch = once(async () =>
    (await import("../adapters/governance/halt-files.ts")).createHaltFiles(this.#needs.config.home),
  );

  /** What is asked before all work. */
  readonly halts = once(async () => {
    const { createWorkHalts } = await import("../engine/halt/work-halts.ts");
    const { auditMark } = await import("../adapters/governance/audit-mark.ts");
    const { governance, config } = this.#needs;
    return createWorkHalts({
      halts: await this.haltSwitch(),
      logMark: () => auditMark(config.home, config.auditLog),
      audit: () => governance.auditLog(),
      trust: async () => (await governance.keyring()).trust(),
    });
  });

  readonly haltCalls = once(async () => {
    const { createHaltCalls } = await import("../engine/halt/halt-calls.ts");
    const { userName } = await import("../adapters/governance/user-name.ts");
    const { governance, parts } = this.#needs;
    return createHaltCalls({
      halts: await this.haltSwitch(),
      audit: () => governance.auditLog(),
      keys: () => governance.keyring(),
      clock: await parts.clock(),
      log: await parts.log(),
      projects: async () =>
        (await (await parts.projects()).list({ limit: maxKnownProjects })).map(({ id }) => id),
      operator: userName(),
    });
  });

  readonly source = once(async () =>
    (await import("../adapters/governance/policy-files.ts")).createPolicyFiles(
      this.#needs.config.home,
    ),
  );

  readonly archive = once(async () =>
    (await import("../adapters/governance/policy-blobs.ts")).createPolicyBlobs(
      this.#needs.config.home,
    ),
  );

  readonly overlay = once(async () =>
    (await import("../adapters/governance/cedar.ts")).createCedarOverlay(),
  );

  /** Before a run executes: what weakens its safety is recorded, or it does not execute. */
  async recordWeakened(runId: string): Promise<void> {
    if (this.sandbox === "isolated") return;
    const { recordWeakened } = await import("../engine/run/record-weakened.ts");
    await recordWeakened(await this.#needs.governance.auditLog(), runId);
  }

  async recordRetirement(project: string): Promise<void> {
    const { userName } = await import("../adapters/governance/user-name.ts");
    const audit = await this.#needs.governance.auditLog();
    const actor = { type: "operator", id: userName() } as const;
    await audit.transact(async () => ({
      append: [{ kind: "retire", actor, project }],
      value: undefined,
    }));
  }

  /** The one door through which every privileged action passes. */
  readonly door = once(async () => {
    const { openDoor } = await import("../governance/policy/open-door.ts");
    const { readProjectPolicy } = await import("../engine/policy/project-policy.ts");
    const { governance, parts } = this.#needs;
    const reading = { source: await this.source(), overlay: await this.overlay() };
    return openDoor({
      log: await governance.auditLog(),
      grants: await governance.grantStore(),
      halts: await this.haltSwitch(),
      clock: await parts.clock(),
      trust: async () => (await governance.keyring()).trust(),
      policy: ({ action, directory }) =>
        readProjectPolicy(reading, { project: action.project, directory }),
      archive: await this.archive(),
      sandbox: this.sandbox,
    });
  });

  get sandbox(): "none" | "isolated" {
    return this.#needs.config.sandbox === "none" ? "none" : "isolated";
  }

  readonly policyCalls = once(async () => {
    const { createPolicyCalls } = await import("../engine/policy/create-policy-calls.ts");
    const { readSharedFile } = await import("../adapters/governance/shared-files.ts");
    const { readIdentity } = await import("../engine/run/project-identity.ts");
    const { governance, parts, cwd, environment } = this.#needs;
    const [files, folders] = [await parts.files(), await parts.folders()];
    return createPolicyCalls({
      source: await this.source(),
      overlay: await this.overlay(),
      archive: await this.archive(),
      door: () => this.door(),
      audit: () => governance.auditLog(),
      confirmEntry: async (seq) => {
        const audit = await governance.auditLog();
        // Asking for the checkpoint reads what comes after it; what it covers must be proven.
        const signed = await audit.checkpoint();
        if (signed !== undefined && seq < signed.checkpoint.size) await audit.prove(seq);
      },
      grantStanding: async (jti) => (await governance.grantCalls()).show(jti),
      clock: await parts.clock(),
      sandbox: this.sandbox,
      readFile: async (file, maxBytes) => readSharedFile(await folders.resolve(file), maxBytes),
      resolve: (directory) => folders.resolve(directory),
      headOf: async (directory) =>
        (await import("../adapters/vcs/glance-at-head.ts")).glanceAtHead(
          { runner: await parts.runner(), searchPath: environment["PATH"] ?? "" },
          directory,
        ),
      projectAt: async (directory) => (await readIdentity(files, directory))?.projectId,
      cwd: await folders.resolve(cwd),
    });
  });
}

/** The calls of policy and of the kill switch. */
export function policyCallsOf(parts: PolicyParts): Pick<Autosd, "policy" | "halts"> {
  return {
    halts: {
      halt: async (input) => (await parts.haltCalls()).halt(input),
      resume: async (input) => (await parts.haltCalls()).resume(input),
      list: async () => (await parts.haltSwitch()).list(),
    },
    policy: {
      show: async (input) => (await parts.policyCalls()).show(input),
      explain: async (input) => (await parts.policyCalls()).explain(input),
      test: async (input) => (await parts.policyCalls()).test(input),
      replay: async (seq) => (await parts.policyCalls()).replay(seq),
      check: async (file) => (await parts.policyCalls()).check(file),
    },
  };
}
