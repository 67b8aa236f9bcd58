import type { Denial } from "../../backlog/denial.ts";
import { deniedAction } from "../loop/denied-action.ts";
import { deniedPath } from "../loop/denials.ts";
import { denialErrors } from "../loop/errors.ts";
import { clean } from "../loop/redact-answer.ts";
import { refusalOfPath } from "../workspace-path.ts";
import { type PermissionRequest, permissionAnswer, type ToolCall } from "./messages.ts";

/** Where an agent is, as it sees it. */
export interface AgentPlace {
  /** Absolute: the project. */
  readonly folder: string;
  /** Absolute: its own to write in besides. */
  readonly scratch: readonly string[];
  /** `host:port` that it may reach. */
  readonly hosts: readonly string[];
}

/** Kinds of tools that leave something changed. What is only read is the sandbox's to hide. */
const changing = new Set(["edit", "delete", "move"]);
const maxCommandCharacters = 100_000;

/**
 * What of a tool call an implementer is not let do; undefined: nothing is known against it. The
 * sandbox is what holds an agent; this tells a denial from a failure, and says no at once.
 */
export function deniedToolCall(call: ToolCall, place: AgentPlace): Denial | undefined {
  for (const command of commandsOf(call)) {
    const denial = deniedAction(command.slice(0, maxCommandCharacters));
    if (denial !== undefined) return denial;
  }
  for (const path of changedPaths(call)) {
    const refusal = refusalOf(path, place);
    if (refusal !== undefined) return deniedPath(`${path}: ${refusal}`);
  }
  const host = call.kind === "fetch" ? hostOf(call.rawInput) : undefined;
  if (host === undefined || place.hosts.includes(host)) return undefined;
  return deniedHosts([host]);
}

/** What an agent asked for outside the hosts that it may reach. */
export function deniedHosts(hosts: readonly string[]): Denial | undefined {
  const [first] = hosts;
  if (first === undefined) return undefined;
  const code = "AUTOSD-NETWORK-DENIED";
  const remedy = `If the agent itself needs it, allow it: --agent-egress ${clean(first)}. ${denialErrors[code].remedy}`;
  return { code, action: clean(`a connection to ${hosts.slice(0, 3).join(", ")}`), remedy };
}

/** The answer to a request for leave: once, or not; never for good. */
export function answerPermission({ options }: PermissionRequest, isAllowed: boolean) {
  const kinds = isAllowed ? ["allow_once"] : ["reject_once", "reject_always"];
  const found = kinds
    .map((kind) => options.find((one) => one.kind === kind))
    .find((one) => one !== undefined);
  return permissionAnswer(found?.optionId);
}

/** Agents write a shell command into a member of their own choice, or into the title alone. */
function commandsOf({ kind, title, rawInput }: ToolCall): readonly string[] {
  const members = isRecord(rawInput)
    ? ["command", "cmd", "script", "commandLine"].map((name) => rawInput[name])
    : [rawInput];
  const commands = members.flatMap((one) => commandIn(one));
  if (kind === "execute" && commands.length === 0 && typeof title === "string")
    return [title.replaceAll("`", "")];
  return commands;
}

function commandIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  if (!Array.isArray(value)) return [];
  const words = value.filter((one) => typeof one === "string");
  // ["bash", "-lc", "git push"]: what the shell is given is the command.
  const script = /^(?:.*\/)?(?:ba|da|z)?sh$/.test(words[0] ?? "")
    ? words.find((_, at) => /^-[a-z]*c$/.test(words[at - 1] ?? ""))
    : undefined;
  return [script ?? words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ")];
}

function changedPaths({ kind, locations, content }: ToolCall): readonly string[] {
  const diffs = (content ?? []).flatMap(({ type, path }) =>
    type === "diff" && path !== undefined ? [path] : [],
  );
  const isChanging = typeof kind === "string" && changing.has(kind);
  return [...diffs, ...(isChanging ? (locations ?? []).map(({ path }) => path) : [])];
}

function refusalOf(path: string, { folder, scratch }: AgentPlace): string | undefined {
  if (!path.startsWith("/")) return refusalOfPath(path.replace(/^(?:\.\/+)+/, ""));
  const steps = path.split("/");
  if (!steps.includes("..") && scratch.some((own) => isBelow(path, own))) return undefined;
  if (isBelow(path, folder)) return refusalOfPath(path.slice(folder.length + 1));
  return "the path leaves the workspace";
}

function isBelow(path: string, folder: string): boolean {
  return path.startsWith(`${folder}/`) && path.length > folder.length + 1;
}

function hostOf(input: unknown): string | undefined {
  const text = isRecord(input) ? input["url"] : undefined;
  if (typeof text !== "string" || !URL.canParse(text)) return undefined;
  const { hostname, port, protocol } = new URL(text);
  if (protocol !== "https:" && protocol !== "http:") return undefined;
  return `${hostname}:${port === "" ? (protocol === "https:" ? "443" : "80") : port}`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
