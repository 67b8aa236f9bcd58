import { AutosdError } from "../../../kernel/errors.ts";
import type { Denial } from "../../backlog/denial.ts";
import { sha256 } from "../../../kernel/hash.ts";
import { strictUtf8 } from "../../../kernel/strict-utf8.ts";
import { symbolLine } from "../outline/symbol-map.ts";
import type { SymbolReader } from "../outline/symbols.port.ts";
import type { Read } from "../read-set.ts";
import type { Workspace } from "../workspace.port.ts";
import type { CommandOutcome, Commands } from "./commands.port.ts";
import type { CompilePattern } from "./line-pattern.ts";
import { cutMiddle } from "./cut-text.ts";
import { deniedAction } from "./denied-action.ts";
import { hiddenAction } from "./hidden-action.ts";
import { deniedNetwork, deniedPath, toldDenial } from "./denials.ts";
import { applyEdit, type EditOutcome } from "./edit-match.ts";
import { filesBelow, searchFiles, type SearchQuestion } from "./search-files.ts";
import type { ToolUse } from "./tools.ts";

/** Longest text that one tool call gives to a model. */
const maxToolCharacters = 16_000;
const maxListed = 400;
const maxOutlineCharacters = 2_000;
const defaultTimeoutMs = 300_000;

/** What tools work on. */
export interface ToolRoom {
  readonly workspace: Workspace;
  readonly commands: Commands;
  readonly symbols: SymbolReader;
  readonly compilePattern: CompilePattern | undefined;
  /** The story in full, for `read @story`. */
  readonly story: string;
  readonly signal: AbortSignal;
}

export interface ToolOutcome {
  readonly text: string;
  readonly isError: boolean;
  /** Name of the workspace's new state; undefined when it is as it was. */
  readonly change: string | undefined;
  /** Why the attempt must end here. */
  readonly unsafe: string | undefined;
  /** What of it was denied; absent: nothing. */
  readonly denial?: Denial | undefined;
}

type Use = Exclude<ToolUse, { readonly tool: "done" }>;

/** Whether a call may simply be made again: it is a function of the workspace alone. */
export function isRepeatable(use: ToolUse): boolean {
  return use.tool !== "run";
}

/** What a call tells about the files as they are; undefined: nothing. */
export function readBy(use: Use): Read | undefined {
  switch (use.tool) {
    case "list":
      return { kind: "listing", folder: use.with.folder };
    case "search": {
      return { kind: "search", ...questionOf(use.with) };
    }
    case "read":
      return use.with.path === "@story" ? undefined : { kind: "file", path: use.with.path };
    case "replace":
    case "delete":
      return { kind: "file", path: use.with.path };
    case "write":
      return undefined;
    case "run":
      // What is denied for its words is not run: the files have no part in it.
      return deniedAction(use.with.command) === undefined
        ? { kind: "command", inputs: use.with.inputs }
        : undefined;
  }
}

function questionOf(given: Extract<Use, { readonly tool: "search" }>["with"]): SearchQuestion {
  const { text, folder, ignoreCase = false, isPattern, files } = given;
  return {
    ...{ text, folder, ignoreCase },
    ...(isPattern === undefined ? {} : { isPattern }),
    ...(files === undefined ? {} : { files }),
  };
}

/** Makes one call. What the model did wrong is an outcome; what the machine cannot do is thrown. */
export async function applyTool(room: ToolRoom, use: Use, state: string): Promise<ToolOutcome> {
  if (use.tool === "run") return runCommand(room, use.with);
  try {
    return await onFiles(room, use, state);
  } catch (error) {
    room.signal.throwIfAborted();
    if (error instanceof AutosdError && error.code === "AUTOSD-WORKSPACE-PATH")
      return denied(deniedPath(error.message));
    // A refused path is the model's mistake, a full disk is not.
    if (error instanceof AutosdError && !error.retryable) return failed(error.message);
    throw error;
  }
}

function ok(text: string, change?: string): ToolOutcome {
  const cut = cutMiddle(text, maxToolCharacters);
  return { text: cut, isError: false, change, unsafe: undefined };
}

function failed(text: string): ToolOutcome {
  return { text, isError: true, change: undefined, unsafe: undefined };
}

function denied(denial: Denial): ToolOutcome {
  return { ...failed(toldDenial(denial)), denial };
}

async function onFiles(
  room: ToolRoom,
  use: Exclude<Use, { readonly tool: "run" }>,
  state: string,
): Promise<ToolOutcome> {
  const { workspace } = room;
  switch (use.tool) {
    case "list":
      return ok(listing(filesBelow(await workspace.list(), use.with.folder)));
    case "search":
      return ok(
        await searchFiles(workspace, questionOf(use.with), room.signal, room.compilePattern),
      );
    case "read":
      return readFile(room, use.with);
    case "replace":
      return replaceIn(workspace, use.with, state);
    case "write":
      await workspace.write(use.with.path, use.with.content);
      return ok(`${use.with.path} written.`, stateAfter(state, use.with.path, use.with.content));
    case "delete":
      if ((await workspace.read(use.with.path)) === undefined)
        return failed(`There is no file ${use.with.path}.`);
      await workspace.remove(use.with.path);
      return ok(`${use.with.path} deleted.`, stateAfter(state, use.with.path, undefined));
  }
}

/** Names the files of a workspace after a change by what they were and what changed. */
function stateAfter(state: string, path: string, content: string | undefined): string {
  return sha256(`${state}\0${path}\0${content === undefined ? "deleted" : sha256(content)}`);
}

function listing(paths: readonly string[]): string {
  if (paths.length === 0) return "There are no files.";
  const more = paths.length - maxListed;
  const note = more > 0 ? [`[${more} more files; list a folder]`] : [];
  return [...paths.slice(0, maxListed), ...note].join("\n");
}

async function readFile(
  room: ToolRoom,
  range: {
    readonly path: string;
    readonly from?: number | undefined;
    readonly to?: number | undefined;
  },
): Promise<ToolOutcome> {
  const text = range.path === "@story" ? room.story : await textOf(room.workspace, range.path);
  if (text === undefined) return failed(`There is no text file ${range.path}.`);
  const lines = text.split("\n");
  const from = range.from ?? 1;
  const to = Math.min(range.to ?? lines.length, lines.length);
  if (from > to) return failed(`${range.path} has ${lines.length} lines.`);
  const part = lines.slice(from - 1, to).join("\n");
  const isWhole = from === 1 && to === lines.length;
  const shown = isWhole ? part : `[lines ${from} to ${to} of ${lines.length}]\n${part}`;
  if (shown.length <= maxToolCharacters) return ok(shown);
  const outline = await outlineOf(room.symbols, range.path, text);
  return ok(`${cutMiddle(shown, maxToolCharacters - outline.length)}${outline}`);
}

/** Where to go on reading in a file that was cut. */
async function outlineOf(symbols: SymbolReader, path: string, text: string): Promise<string> {
  const found = await symbols.symbolsOf(path, text);
  if (found.length === 0) return "";
  return `\n[by line: ${symbolLine(found, maxOutlineCharacters)}]`;
}

/** The file as text with its byte order mark; undefined when there is none or it is no text. */
async function textOf(workspace: Workspace, path: string): Promise<string | undefined> {
  const bytes = await workspace.read(path);
  return bytes === undefined ? undefined : strictUtf8(bytes, "kept");
}

async function replaceIn(
  workspace: Workspace,
  edit: {
    readonly path: string;
    readonly old: string;
    readonly new: string;
    readonly all?: boolean | undefined;
  },
  state: string,
): Promise<ToolOutcome> {
  const text = await textOf(workspace, edit.path);
  if (text === undefined) return failed(`There is no text file ${edit.path}.`);
  const outcome = applyEdit(text, { ...edit, all: edit.all ?? false });
  if (outcome.kind === "refused") return failed(refusalWords(edit.path, outcome));
  await workspace.write(edit.path, outcome.text);
  const how = outcome.match === "exact" ? "" : ` (found by ${outcome.match})`;
  return ok(
    `${edit.path} changed at line ${outcome.line}${how}.`,
    stateAfter(state, edit.path, outcome.text),
  );
}

function refusalWords(
  path: string,
  outcome: Extract<EditOutcome, { readonly kind: "refused" }>,
): string {
  switch (outcome.because) {
    case "absent":
      return `Not changed: the old text is not in ${path}. Read the file and quote it as it is.`;
    case "ambiguous":
      return `Not changed: the old text fits several places in ${path} (lines ${outcome.lines.join(", ")}). Quote more lines around it.`;
    case "no-change":
      return "Not changed: the new text is what is there already.";
    case "empty":
      return "Not changed: the old text is empty. Use write for a whole file.";
  }
}

async function runCommand(
  room: ToolRoom,
  given: { readonly command: string; readonly timeoutSeconds?: number | undefined },
): Promise<ToolOutcome> {
  const forbidden = deniedAction(given.command);
  if (forbidden !== undefined) return denied(forbidden);
  const timeoutMs =
    given.timeoutSeconds === undefined ? defaultTimeoutMs : given.timeoutSeconds * 1_000;
  const outcome = await room.commands.run(given.command, timeoutMs, room.signal);
  // What a stop cut short has no outcome: it is run again on resume.
  room.signal.throwIfAborted();
  const words = endWords(outcome);
  const isError = outcome.end.kind !== "exited" || outcome.end.exitCode !== 0;
  const { workspace } = room;
  const denial =
    (isError ? await hiddenAction(given.command, textsOf(workspace)) : undefined) ??
    deniedNetwork(outcome.deniedHosts ?? []);
  const told = denial === undefined ? "" : `\n[${toldDenial(denial)}]`;
  const text = `${cutMiddle(outcome.output, maxToolCharacters)}\n[${words}]${told}`;
  return {
    text: outcome.unsafe === undefined ? text : `${text}\n[${outcome.unsafe}]`,
    isError,
    change: outcome.tree === undefined ? undefined : treeState(outcome.tree),
    unsafe: outcome.unsafe,
    denial,
  };
}

/** Undefined: there is no such text. */
function textsOf(workspace: Workspace): (path: string) => Promise<string | undefined> {
  return async (path) => {
    const bytes = await workspace.read(path).catch(() => undefined);
    return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
  };
}

function endWords(outcome: CommandOutcome): string {
  const { end } = outcome;
  switch (end.kind) {
    case "exited":
      return `exit code ${end.exitCode}`;
    case "signalled":
      return `killed by ${end.signal}`;
    case "timed-out":
      return "stopped: it took too long";
    case "cancelled":
      return "cancelled";
    case "not-started":
      return `not started: ${end.reason}`;
  }
}

const treePrefix = "tree:";

/** Name of the state in which a workspace holds exactly a tree. */
export function treeState(tree: string): string {
  return treePrefix + tree;
}

/** The tree of a state that is one. */
export function treeOfState(state: string): string | undefined {
  return state.startsWith(treePrefix) ? state.slice(treePrefix.length) : undefined;
}
