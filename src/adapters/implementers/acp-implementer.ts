import { acceptanceTestsIn, agentPrompt } from "../../delivery/agent/acp/agent-prompt.ts";
import { AgentError, type AgentErrorCode } from "../../delivery/agent/acp/errors.ts";
import type { StopReason } from "../../delivery/agent/acp/messages.ts";
import type {
  AgentEvent,
  ImplementationRun,
  ImplementationTask,
  Implementer,
} from "../../delivery/agent/implementer.port.ts";
import type { PromptTemplate } from "../../delivery/agent/learning/prompt-templates.port.ts";
import { clean } from "../../delivery/agent/loop/redact-answer.ts";
import type {
  JournalRecord,
  PromptJournal,
} from "../../delivery/agent/model/prompt-journal.port.ts";
import type { Sandbox, SandboxLimits } from "../../delivery/agent/sandbox.port.ts";
import type { Vcs } from "../../delivery/agent/vcs.port.ts";
import type { DependencyStore } from "../../delivery/verification/dependency-store.port.ts";
import { gateNames } from "../../delivery/verification/toolchain.ts";
import { type Clock, isoTime } from "../../kernel/clock.ts";
import { AutosdError } from "../../kernel/errors.ts";
import { sha256 } from "../../kernel/hash.ts";
import { messageOf } from "../../kernel/thrown.ts";
import type { AgentInstallation } from "./acp-installation.ts";
import { type AgentRoom, openAgentRoom } from "./acp-room.ts";
import { type AgentPatience, type AgentStart, withAgent } from "./acp-session.ts";
import { AgentWatch } from "./acp-watch.ts";
import { admittedTests } from "./admitted-tests.ts";
import { ProgressRelay } from "./progress-relay.ts";

/** Which agent, and what of this machine it works with. */
export interface AcpImplementerOptions {
  readonly sandbox: Sandbox;
  readonly vcs: Vcs;
  readonly dependencies: DependencyStore;
  readonly installation: AgentInstallation;
  /** Variables with their values, for the agent alone. */
  readonly env: Readonly<Record<string, string>>;
  /** `host:port` of the package registries and of what the agent itself needs. */
  readonly hosts: () => Promise<readonly string[]>;
  readonly authMethod: string | null;
  readonly patience: AgentPatience;
  readonly journalOf: (directory: string) => PromptJournal;
  readonly promptOf: (name: string, directory: string) => Promise<PromptTemplate>;
  readonly clock: Clock;
  readonly autosdVersion: string;
}

type Failed = Extract<AgentEvent, { readonly kind: "failed" }>;
type LastEvent = Exclude<AgentEvent, { readonly kind: "progress" }>;

interface Attempt {
  readonly options: AcpImplementerOptions;
  readonly task: ImplementationTask;
  readonly run: ImplementationRun;
  readonly signal: AbortSignal;
  readonly progress: (message: string) => void;
}

const gibibyte = 1024 ** 3;
const endMs = 60_000;
const maxStderrBytes = 64 * 1024;
const maxChangedFiles = 2_000;

/** What an agent did wrong while it was at work is the story's; what it did wrong before is the run's. */
const ofTheStory: readonly AgentErrorCode[] = [
  "AUTOSD-AGENT-PROTOCOL",
  "AUTOSD-AGENT-EXITED",
  "AUTOSD-AGENT-REFUSED",
  "AUTOSD-AGENT-SILENT",
  "AUTOSD-AGENT-TIMEOUT",
];
const aimless: readonly AgentErrorCode[] = ["AUTOSD-AGENT-SILENT", "AUTOSD-AGENT-TIMEOUT"];

/** The limits that an agent with all of its tools, compilers and tests works under. */
export function agentLimits(totalMs: number): SandboxLimits {
  return {
    // Its own clock ends it with a better word.
    timeoutMs: totalMs + endMs,
    maxOutputBytes: maxStderrBytes,
    maxProcesses: 1_024,
    maxDataBytes: 8 * gibibyte,
    maxFileBytes: gibibyte,
  };
}

/**
 * Has an external agent that speaks the Agent Client Protocol implement stories, each in a process
 * and a conversation of its own, all of it inside the sandbox. Its proposal is a claim. An agent that
 * cannot be talked with at all ends the run with an AgentError; what it does wrong at its work is an event.
 */
export function createAcpImplementer(options: AcpImplementerOptions): Implementer {
  return { kind: "acp", implement: (task, signal) => implement(options, task, signal) };
}

async function* implement(
  options: AcpImplementerOptions,
  task: ImplementationTask,
  signal: AbortSignal,
): AsyncIterable<AgentEvent> {
  signal.throwIfAborted();
  const { run } = task;
  if (run === undefined)
    throw new AgentError("AUTOSD-AGENT-UNCONFIGURED", "a story outside a run has no journal");
  const relay = new ProgressRelay();
  const progress = (message: string): void => relay.push(`${task.story.id}: ${message}`);
  const work = attempt({ options, task, run, signal, progress });
  for await (const message of relay.until(work)) yield { kind: "progress", message };
  yield await work;
}

async function attempt(one: Attempt): Promise<LastEvent> {
  const { options, task, run, signal } = one;
  try {
    const last = await inRoom(one);
    const reason = last.kind === "proposal" ? last.proposal.summary : last.reason;
    await append(one, { kind: "end", outcome: last.kind, reason: clean(reason) });
    return last;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof AutosdError) throw error;
    const reason = clean(messageOf(error));
    await append(one, { kind: "end", outcome: "failed", reason });
    return { kind: "failed", reason, retryable: false };
  }

  async function inRoom(it: Attempt): Promise<LastEvent> {
    const place = { workspace: task.workspace, mayInstall: run.mayInstall };
    const room = await openAgentRoom(options, place, signal);
    try {
      return await workIn(room, it);
    } finally {
      await room.release();
    }
  }
}

async function workIn(room: AgentRoom, one: Attempt): Promise<LastEvent> {
  const { options, task, run, progress } = one;
  const hosts = await options.hosts();
  const watch = new AgentWatch({ ...room, hosts }, task.workspace.root, progress);
  const template = await options.promptOf("implement-agent", run.directory);
  const text = agentPrompt(template.text, task, { gates: gateNames, notes: room.notes });
  await sayWhatWasCut(one);
  const state = { isAtWork: false };
  let end: StopReason | Failed;
  try {
    end = await withAgent(startOf(room, one, watch, hosts), async (session) => {
      await session.open(room.folder);
      const { name } = session.identity;
      progress(`${name} works on it; what it costs is not known to autosd`);
      await append(one, intentOf(template, name, text));
      state.isAtWork = true;
      watch.begin();
      return session.say(text);
    });
  } catch (error) {
    one.signal.throwIfAborted();
    if (!state.isAtWork || !(error instanceof AgentError)) throw error;
    end = failedBy(error);
  }
  if (typeof end !== "string") return watch.explain(end);
  progress(`it stopped (${end}); cost: ${watch.cost}`);
  const last = await outcomeOf(end, one, watch);
  return last.kind === "failed" ? watch.explain(last) : last;
}

function startOf(
  room: AgentRoom,
  { options, signal }: Attempt,
  watch: AgentWatch,
  hosts: readonly string[],
): AgentStart {
  const { sandbox, installation, env, authMethod, patience, autosdVersion } = options;
  return {
    ...{ sandbox, authMethod, patience, autosdVersion, signal },
    command: {
      command: installation.command,
      cwd: "/workspace",
      env: agentEnvironment(env),
      egress: hosts.length === 0 ? { kind: "none" } : { kind: "allow-list", hosts },
      onRefused: (destination) => watch.refusedHost(destination),
      limits: agentLimits(patience.totalMs),
      mounts: [...room.mounts, ...installation.mounts],
    },
    handlers: {
      answer: (method, params) => watch.answer(method, params),
      notice: (method, params) => watch.notice(method, params),
    },
  };
}

/** Node goes through the sandbox's proxy only when it is told to. */
export function agentEnvironment(
  given: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return { NODE_USE_ENV_PROXY: "1", ...given };
}

function failedBy(error: AgentError): Failed {
  const code = ofTheStory.find((one) => one === error.code);
  if (code === undefined) throw error;
  const reason = `${code}: ${error.message}. ${error.remedy}`;
  const facts = { kind: "failed" as const, reason: clean(reason), retryable: true };
  return aimless.includes(code) ? { ...facts, isWithoutProgress: true } : facts;
}

/** What the agent has left in the files, judged by nobody yet. */
async function outcomeOf(end: StopReason, one: Attempt, watch: AgentWatch): Promise<LastEvent> {
  const { options, task, run } = one;
  const { workspace } = task;
  const failed = (reason: string, retryable = true): Failed => ({
    kind: "failed",
    reason: watch.words === "" ? reason : `${reason}; its last words: ${watch.words}`,
    retryable,
  });
  if (end === "refusal") return failed("the agent refuses to do it", false);
  if (end !== "end_turn") return failed(`the agent stopped before it was done (${end})`);
  let tree: string;
  try {
    tree = await options.vcs.snapshot(run.directory, workspace.root);
  } catch (error) {
    if (error instanceof AutosdError && error.code === "AUTOSD-VCS-UNSAFE")
      return failed(`the agent left what must not become a part of the project: ${error.message}`);
    throw error;
  }
  if (tree === workspace.baseTree) return failed("the agent changed nothing");
  const changes = await options.vcs.changes(run.directory, workspace.baseTree, tree);
  const texts = new Map<string, string>();
  for (const { path, kind } of changes.slice(0, maxChangedFiles)) {
    const bytes =
      kind === "deleted" ? undefined : await workspace.read(path).catch(() => undefined);
    if (bytes !== undefined) texts.set(path, new TextDecoder().decode(bytes));
  }
  const touched = changes.filter(({ kind }) => kind !== "added").map(({ path }) => path);
  return {
    kind: "proposal",
    proposal: {
      summary: watch.words === "" ? "The agent says nothing of what it did." : watch.words,
      acceptanceTests: acceptanceTestsIn(task, texts),
      changedTests: admittedTests(task, touched),
    },
    ...(watch.denials.length === 0 ? {} : { denials: watch.denials }),
  };
}

type Entry = JournalRecord extends infer R
  ? R extends JournalRecord
    ? Omit<R, "run" | "story" | "attempt" | "turn" | "ts">
    : never
  : never;

function intentOf(template: PromptTemplate, agent: string, text: string): Entry {
  return {
    kind: "intent",
    template: template.id,
    provider: "acp",
    model: agent,
    prompt: sha256(text),
    promptBytes: Buffer.byteLength(text),
    // What an agent pays is not autosd's to reserve.
    reservedMicrousd: null,
    reservedTokens: 0,
  };
}

function placeOf({ run, task }: Attempt) {
  return { run: run.id, story: task.story.id, attempt: task.attempt };
}

async function append(one: Attempt, record: Entry): Promise<void> {
  const { options, run } = one;
  const ts = isoTime(options.clock.now());
  await options.journalOf(run.directory).append({ ...placeOf(one), turn: 0, ts, ...record });
}

/** An attempt that was cut is begun anew: no agent can be asked what it did and what that cost. */
async function sayWhatWasCut(one: Attempt): Promise<void> {
  const { options, run, progress } = one;
  const records = await options.journalOf(run.directory).of(placeOf(one));
  if (records.at(-1)?.kind !== "intent") return;
  progress("this attempt was cut before and begins again; what that cost is not known");
}
