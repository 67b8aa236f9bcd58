import type { ImplementationTask } from "../implementer.port.ts";
import { symbolMap } from "../outline/symbol-map.ts";
import type { Workspace } from "../workspace.port.ts";
import type { AttemptParts } from "./attempt-parts.ts";
import { Conversation } from "./conversation.ts";
import { firstPrompt, type ProjectFacts } from "./first-prompt.ts";
import { clean } from "./redact-answer.ts";
import { toolSpecs } from "./tools.ts";

const guidePath = "AGENTS.md";
const maxGuideBytes = 64 * 1024;

/**
 * The conversation of an attempt before its first question: the story and what the project is like.
 * What of `files` is shown there counts as read.
 */
export async function openConversation(
  parts: AttemptParts,
  task: ImplementationTask,
  files: Workspace,
  signal: AbortSignal,
): Promise<Conversation> {
  const facts = await projectFacts(parts, task, files, signal);
  return new Conversation({
    system: parts.prompt.text,
    tools: toolSpecs,
    maxOutputTokens: parts.maxOutputTokens,
    first: clean(firstPrompt(task, facts)),
    circumstances: {
      prompt: parts.prompt.id,
      provider: parts.model.provider,
      model: parts.model.name,
      baseTree: task.workspace.baseTree,
    },
  });
}

async function projectFacts(
  { symbols, gates }: AttemptParts,
  { workspace, story }: ImplementationTask,
  files: Workspace,
  signal: AbortSignal,
): Promise<ProjectFacts> {
  const { witness } = workspace;
  witness?.saw({ kind: "outline" });
  witness?.saw({ kind: "file", path: guidePath });
  const paths = await files.list();
  const source = { paths, read: (path: string) => files.read(path) };
  const mapped = await symbolMap(symbols, source, story, signal);
  for (const { path } of mapped) witness?.saw({ kind: "file", path });
  const guide = await guideOf(files);
  return { paths, guide, gates, symbols: mapped.map(({ line }) => line) };
}

async function guideOf(files: Workspace): Promise<string | undefined> {
  const bytes = await files.read(guidePath).catch(() => undefined);
  if (bytes === undefined || bytes.length > maxGuideBytes) return undefined;
  return new TextDecoder().decode(bytes);
}
