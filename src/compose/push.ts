import { join } from "node:path";
import type { ComposeOptions } from "./options.ts";
import type { Autosd } from "../engine/autosd.ts";
import type { EngineClient } from "../engine/ports/run-engine.port.ts";
import type { PushServices } from "../engine/push/push-branch.ts";
import type { ExistingRepositories } from "../delivery/agent/existing-repository.port.ts";
import type { Vcs } from "../delivery/agent/vcs.port.ts";
import type { ProjectFiles } from "../state/project-files.port.ts";
import type { Door } from "../governance/policy/door.ts";
import type { Ids } from "../kernel/ids.ts";
import type { ProcessRunner } from "../kernel/process.ts";

/** What pushing needs of autosd's parts. */
export interface PushParts {
  readonly policy: { readonly door: () => Promise<Door> };
  readonly vcs: () => Promise<Vcs>;
  readonly repositories: () => Promise<ExistingRepositories>;
  readonly files: () => Promise<ProjectFiles>;
  readonly runner: () => Promise<ProcessRunner>;
  readonly engine: () => Promise<EngineClient>;
  readonly ids: () => Promise<Ids>;
  readonly projectCalls: () => Promise<Pick<Autosd["projects"], "show">>;
}

/** What `autosd push` works with. */
export async function pushServices(
  { config, environment }: ComposeOptions,
  parts: PushParts,
): Promise<PushServices> {
  const { createGitRemote, shown } = await import("../adapters/vcs/remote.ts");
  const { readToken } = await import("../adapters/governance/read-token.ts");
  const { projectHead } = await import("../engine/push/project-head.ts");
  const projects = await parts.projectCalls();
  const services = {
    vcs: await parts.vcs(),
    repositories: await parts.repositories(),
    files: await parts.files(),
  };
  return {
    door: await parts.policy.door(),
    vcs: { inspect: (directory) => projectHead(services, directory) },
    remote: createGitRemote({
      runner: await parts.runner(),
      scratch: join(config.home, "work", "git"),
      searchPath: environment["PATH"] ?? "",
      sshAuthSocket: environment["SSH_AUTH_SOCK"],
      token: () => readToken(config.gitTokenFile),
    }),
    engine: await parts.engine(),
    ids: await parts.ids(),
    project: (id) => projects.show(id),
    shown,
  };
}
