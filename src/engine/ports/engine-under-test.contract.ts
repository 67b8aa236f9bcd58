import { afterEach, beforeEach, expect } from "vitest";
import type { ProjectRecord, ProjectStore } from "../../state/projects.port.ts";
import type { Ctx, EngineClient, Flow } from "./run-engine.port.ts";

/** Around the journaling of which state of a step the process dies. */
export interface CrashPoint {
  readonly step: string;
  readonly state: "intended" | "done" | "failed";
  readonly when: "before" | "after";
}

/** What the contract of the run engine needs from an adapter. */
export interface EngineUnderTest {
  /** The process now alive. */
  readonly client: EngineClient;
  /** Another process over the same journal and locks. */
  readonly neighbour: EngineClient;
  /** The clock of both; waiting moves it. */
  readonly clock: { now(): number; advance(ms: number): void };
  /** State that flows change in the engine's transactions. */
  readonly projects: ProjectStore;
  /** Dies around the journaling of a step's state; what it executes then throws. */
  crashAt(point: CrashPoint): void;
  restart(): EngineClient;
  close(): Promise<void>;
}

/** Opens an engine over an empty journal. */
export type OpenEngine = () => Promise<EngineUnderTest>;

/** An engine of its own for each test of the suite, and what the test's steps did. */
export interface FreshEngine {
  readonly engine: EngineUnderTest;
  readonly done: string[];
  /** A step that notes that it was done. */
  note<T>(what: string, value: T): () => Promise<T>;
}

/** Opens one before each test of the suite that this is called in, and closes it after. */
export function freshEngine(open: OpenEngine): FreshEngine {
  let engine: EngineUnderTest | undefined;
  const done: string[] = [];
  beforeEach(async () => {
    done.length = 0;
    engine = await open();
  });
  afterEach(() => engine?.close());
  return {
    get engine() {
      if (engine === undefined) throw new Error("no test is running");
      return engine;
    },
    done,
    note: (what, value) => async () => {
      done.push(what);
      return value;
    },
  };
}

export const partition = "/projects/bookmarks";
export const never = new AbortController().signal;
export const dayMs = 86_400_000;

export function flowOf<O>(
  run: (ctx: Ctx, input: unknown) => Promise<O>,
  options: { readonly name?: string; readonly version?: number } = {},
): Flow<unknown, O> {
  return { name: options.name ?? "run", version: options.version ?? 1, run };
}

/** Submits and executes in one go. */
export async function executed<O>(
  client: EngineClient,
  flow: Flow<unknown, O>,
  options: {
    readonly runId?: string;
    readonly signal?: AbortSignal;
    readonly partition?: string;
  } = {},
): Promise<O> {
  const runId = options.runId ?? "run_1";
  await client.submit(flow, {}, { runId, partition: options.partition ?? partition });
  return client.execute(flow, runId, options.signal ?? never);
}

/** Executes until the process dies at `point`. */
export async function executedUntil(
  engine: EngineUnderTest,
  flow: Flow<unknown, unknown>,
  point: CrashPoint,
  options: { readonly runId?: string } = {},
): Promise<void> {
  engine.crashAt(point);
  await expect(executed(engine.client, flow, options)).rejects.toThrow();
}

/** What a process that comes after makes of the run that a crash has cut. */
export async function resumed<O>(engine: EngineUnderTest, flow: Flow<unknown, O>): Promise<O> {
  return engine.restart().execute(flow, "run_1", never);
}

/** Until the first step of the run has begun. */
export async function firstStepBegan(engine: EngineUnderTest): Promise<void> {
  await expect
    .poll(async () => (await engine.neighbour.steps("run_1")).length, { interval: 1 })
    .toBe(1);
}

/** Code of the error that `work` ends with. */
export async function codeOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error instanceof Error && "code" in error ? error.code : error;
  }
  throw new Error("expected an error");
}

/** A project row: what a transaction leaves behind. */
export function projectRow(id: string): ProjectRecord {
  return {
    id,
    title: id,
    directory: `/projects/${id}`,
    platform: "api-service",
    status: "open",
    health: "unknown",
    storiesDone: 0,
    storiesTotal: 1,
    lastRunId: undefined,
    createdAtMs: 1,
    updatedAtMs: 1,
  };
}

export async function rowCount(engine: EngineUnderTest): Promise<number> {
  return (await engine.projects.list({ limit: 100 })).length;
}
