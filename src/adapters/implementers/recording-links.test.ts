import {
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  readlink,
  readdir,
  rm,
  symlink,
  unlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type {
  AgentEvent,
  AdaptationTask,
  Implementer,
} from "../../delivery/agent/implementer.port.ts";
import {
  emptySession,
  parseSession,
  renderSession,
  withExchange,
  type Session,
} from "../../delivery/agent/session-recording.ts";
import { openWorkspace } from "../workspace/folder-workspace.ts";
import { recordingImplementer } from "./recording-session.ts";
import { createReplayImplementer } from "./replay-session.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "autosd-links-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const digest = `sha256:${"1".repeat(64)}`;
const refined = {
  schema: "autosd/refined-requirements@1" as const,
  source: { name: "links.md", digest },
  ...{ title: "Links", brief: "Links.", stories: [], personas: [], nonfunctional: [] },
  ...{ ambiguities: [], contradictions: [], missingConstraints: [], edgeCases: [], stack: [] },
  ...{ externalDependencies: [], assumptions: [], notCovered: [] },
};

async function taskIn(name: string): Promise<AdaptationTask> {
  const root = join(folder, name);
  await mkdir(join(root, "folder"), { recursive: true });
  await writeFile(join(root, "folder", "inside.txt"), "inside");
  await writeFile(join(root, "file.txt"), "file");
  for (const link of ["kept", "moved", "gone", "filled"])
    await symlink("file.txt", join(root, link));
  return {
    ...{ projectId: "links", platform: "library", refined, doneStories: [], reproducible: false },
    document: { source: "links.md", text: "", digest, title: undefined, sentences: [] },
    workspace: openWorkspace({ root, baseTree: "a".repeat(40) }),
  };
}

/** Works as commands in a sandbox do: past the port. */
async function* linking({ workspace }: AdaptationTask): AsyncIterable<AgentEvent> {
  const at = (name: string): string => join(workspace.root, name);
  for (const name of ["moved", "gone", "filled", "file.txt"]) await unlink(at(name));
  await symlink("nowhere", at("moved"));
  await writeFile(at("filled"), "a file now");
  await symlink("filled", at("file.txt"));
  await rm(at("folder"), { recursive: true });
  await symlink("deep/er", at("folder"));
  await mkdir(at("deep/er"), { recursive: true });
  await symlink("../../filled", at("deep/er/up"));
  await workspace.write("new.txt", "new");
  yield {
    kind: "proposal",
    proposal: { summary: "links", acceptanceTests: [], changedTests: [] },
  };
}

const linker: Implementer = { kind: "model", implement: linking, adapt: linking };

async function adapted(implementer: Implementer, task: AdaptationTask) {
  const events: AgentEvent[] = [];
  for await (const event of implementer.adapt?.(task, new AbortController().signal) ?? [])
    events.push(event);
  return events;
}

/** What stands under each path: where a link leads, or what is in a file. */
async function looks(root: string) {
  const entries = (await readdir(root, { recursive: true })).sort();
  return Promise.all(
    entries.map(async (path) => {
      const place = join(root, path);
      const found = await lstat(place);
      if (found.isSymbolicLink()) return `${path} -> ${await readlink(place)}`;
      return found.isFile() ? `${path}: ${await readFile(place, "utf8")}` : `${path}/`;
    }),
  );
}

it("links that were made, moved, filled and taken away are replayed as links", async () => {
  let session: Session = emptySession();
  const sink = {
    record: async (exchange: Parameters<typeof withExchange>[1]) => {
      session = withExchange(session, exchange);
    },
  };
  const first = await taskIn("first");
  const said = await adapted(recordingImplementer(linker, sink), first);
  const replay = createReplayImplementer(parseSession(renderSession(session), "session.json"));
  const second = await taskIn("second");
  expect(await adapted(replay, second)).toEqual(said);
  const now = await looks(second.workspace.root);
  expect(now).toEqual(await looks(first.workspace.root));
  expect(now).toContain("folder -> deep/er");
  expect(now).toContain("filled: a file now");
  expect(now).toContain("kept -> file.txt");
});
