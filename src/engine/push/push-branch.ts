import { z } from "zod";
import type { Vcs } from "../../delivery/agent/vcs.port.ts";
import type { Remote } from "../../delivery/release/remote.port.ts";
import type { PrivilegedAction } from "../../governance/grants/action.ts";
import type { Door } from "../../governance/policy/door.ts";
import { canonicalJson } from "../../kernel/canonical-json.ts";
import type { Ids } from "../../kernel/ids.ts";
import type { ProjectRecord } from "../../state/projects.port.ts";
import { partitionOf } from "../projects/partition.ts";
import type { Ctx, EngineClient, Flow } from "../ports/run-engine.port.ts";
import { privilegedEffect } from "../privileged/privileged-effect.ts";
import { PushError } from "./errors.ts";

/** What a person asks for. */
export interface PushInput {
  readonly project: string;
  /** Name of a configured remote, or an address. */
  readonly remote: string;
  /** Branch on the remote; null: the name of the local one. */
  readonly branch: string | null;
  readonly grant: string | null;
}

/** The recorded request: what was asked for, in which folder. */
export interface PushRequest extends PushInput {
  readonly directory: string;
}

export interface PushResult {
  readonly schema: "autosd/push-result@1";
  readonly runId: string;
  readonly project: string;
  /** Address without credentials. */
  readonly remote: string;
  readonly branch: string;
  readonly commit: string;
  /** What the remote's branch pointed at before. */
  readonly before: string | null;
  /** False: the remote had the commit already, and nothing was done or spent. */
  readonly pushed: boolean;
}

export interface PushServices {
  readonly door: Door;
  readonly vcs: Pick<Vcs, "inspect">;
  readonly remote: Remote;
  readonly engine: EngineClient;
  readonly ids: Ids;
  project(id: string): Promise<ProjectRecord>;
  /** The address without user names and passwords. */
  shown(url: string): string;
}

const pushedSchema = z.strictObject({ commit: z.string() });
const unfinished = ["pending", "running", "interrupted"] as const;
const newestRuns = 20;

/**
 * Pushes the project's branch to a remote, once, on a grant for `push`. The same command again goes
 * on with one that was cut off.
 */
export async function pushBranch(
  services: PushServices,
  input: PushInput,
  signal: AbortSignal,
): Promise<PushResult> {
  const { directory } = await services.project(input.project);
  const request: PushRequest = { ...input, directory };
  const partition = partitionOf(directory);
  const flow = createPushFlow(services);
  const earlier = await services.engine.list({
    partition,
    flow: flow.name,
    status: unfinished,
    limit: newestRuns,
  });
  const wanted = canonicalJson(request);
  const adopted = earlier.find((run) => canonicalJson(run.input) === wanted);
  const runId = adopted?.runId ?? services.ids.next("run");
  if (adopted === undefined) await services.engine.submit(flow, request, { runId, partition });
  return services.engine.execute(flow, runId, signal);
}

/** Look, then act behind the door. */
export function createPushFlow(services: PushServices): Flow<PushRequest, PushResult> {
  return {
    name: "push",
    version: 1,
    run: async (ctx, request) => {
      const seen = await ctx.step("look at both ends", () => look(services, request));
      const result = {
        schema: "autosd/push-result@1",
        runId: ctx.runId,
        project: request.project,
        remote: services.shown(seen.url),
        branch: seen.branch,
        commit: seen.commit,
        before: seen.before,
      } as const;
      if (seen.before === seen.commit) return { ...result, pushed: false };
      await ctx.effect("push", pushEffect(services, ctx, request, seen));
      return { ...result, pushed: true };
    },
  };
}

interface Seen {
  readonly url: string;
  readonly branch: string;
  readonly commit: string;
  readonly before: string | null;
}

async function look(services: PushServices, request: PushRequest): Promise<Seen> {
  const { directory } = request;
  const state = await services.vcs.inspect(directory);
  if (state.kind !== "repository" || state.head === undefined)
    throw new PushError("AUTOSD-PUSH-NOTHING", `${directory} holds no commit to push.`);
  const isAddress = /[/:]/.test(request.remote);
  const url = isAddress ? request.remote : await services.remote.urlOf(directory, request.remote);
  if (url === undefined)
    throw new PushError(
      "AUTOSD-PUSH-REMOTE-UNKNOWN",
      `${directory} has no remote ${request.remote}.`,
      { remedy: `git -C '${directory}' remote add ${request.remote} ADDRESS` },
    );
  const branch = request.branch ?? state.branch;
  const before = (await services.remote.headOf(directory, { url, branch })) ?? null;
  return { url, branch, commit: state.head, before };
}

function pushEffect(services: PushServices, ctx: Ctx, request: PushRequest, seen: Seen) {
  const { directory } = request;
  const { url, branch, commit } = seen;
  const action: PrivilegedAction = {
    action: "push",
    project: request.project,
    environment: null,
    target: null,
    commit,
    artifact: null,
    run: ctx.runId,
  };
  return privilegedEffect(
    services.door,
    {
      action,
      grant: request.grant ?? undefined,
      actor: { type: "agent", id: "autosd", run: ctx.runId },
      ceilingMicrousd: 0,
      directory,
    },
    {
      do: async (authorization) => {
        const expected = seen.before ?? undefined;
        await services.remote.push(authorization, directory, {
          action,
          url,
          branch,
          commit,
          expected,
        });
        return { commit };
      },
      parse: (recorded) => pushedSchema.parse(recorded),
      probe: async () => {
        const found = await services.remote.headOf(directory, { url, branch });
        return found === commit ? { commit } : undefined;
      },
    },
  );
}
