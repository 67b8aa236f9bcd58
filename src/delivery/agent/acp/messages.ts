import { z } from "zod";

/** The version of the Agent Client Protocol that autosd speaks. */
export const protocolVersion = 1;

/** JSON-RPC's code for a method that is not there, and the protocol's for an agent that wants a login. */
export const rpcCodes = { methodNotFound: -32_601, invalidParams: -32_602, authRequired: -32_000 };

const maxNameCharacters = 200;
const name = z.string().max(maxNameCharacters);

/** Whatever JSON-RPC sends: a call, a notice, an answer. Members that are not known are left out. */
export const envelopeSchema = z.object({
  jsonrpc: z.literal("2.0"),
  id: z.union([z.string().max(1_000), z.number(), z.null()]).optional(),
  method: name.optional(),
  params: z.unknown().optional(),
  result: z.unknown().optional(),
  error: z.object({ code: z.number(), message: z.string() }).optional(),
});
export type Envelope = z.infer<typeof envelopeSchema>;

/** What an agent says of itself. */
export const initializedSchema = z.object({
  protocolVersion: z.number(),
  agentInfo: z.object({ name, version: name }).nullish(),
  authMethods: z
    .array(z.object({ id: name, name }))
    .max(50)
    .nullish(),
});

export const sessionSchema = z.object({ sessionId: z.string().min(1).max(1_000) });

export const stoppedSchema = z.object({
  stopReason: z.enum(["end_turn", "max_tokens", "max_turn_requests", "refusal", "cancelled"]),
});
export type StopReason = z.infer<typeof stoppedSchema>["stopReason"];

/** What autosd looks at of a tool that an agent uses or wants to use. */
export const toolCallSchema = z.object({
  title: z.string().nullish(),
  kind: z.string().max(maxNameCharacters).nullish(),
  locations: z.array(z.object({ path: z.string() })).nullish(),
  content: z.array(z.object({ type: z.string(), path: z.string().optional() })).nullish(),
  rawInput: z.unknown().optional(),
});
export type ToolCall = z.infer<typeof toolCallSchema>;

export const permissionSchema = z.object({
  toolCall: toolCallSchema,
  options: z
    .array(z.object({ optionId: z.string().max(1_000), kind: z.string().max(maxNameCharacters) }))
    .max(50),
});
export type PermissionRequest = z.infer<typeof permissionSchema>;

/** A notice of what an agent does; of the other kinds only that something happens. */
export const updateSchema = z.object({
  update: z.discriminatedUnion("sessionUpdate", [
    toolCallSchema.extend({ sessionUpdate: z.enum(["tool_call", "tool_call_update"]) }),
    z.object({
      sessionUpdate: z.literal("agent_message_chunk"),
      content: z.object({ type: z.string(), text: z.string().optional() }),
    }),
    z.object({
      sessionUpdate: z.literal("usage_update"),
      cost: z.object({ amount: z.number().nonnegative(), currency: z.string().max(10) }).nullish(),
    }),
  ]),
});
export type AgentUpdate = z.infer<typeof updateSchema>["update"];

/**
 * The first request. No file system and no terminal of autosd's are offered: whatever the agent
 * does, it does with its own hands inside the sandbox, and not with the rights of autosd.
 */
export function initializeRequest(version: string) {
  return {
    protocolVersion,
    clientCapabilities: { fs: { readTextFile: false, writeTextFile: false }, terminal: false },
    clientInfo: { name: "autosd", title: "autosd", version },
  };
}

/** A conversation about the folder `cwd`, as the agent sees it. */
export function newSessionRequest(cwd: string) {
  return { cwd, mcpServers: [] };
}

export function promptRequest(sessionId: string, text: string) {
  return { sessionId, prompt: [{ type: "text" as const, text }] };
}

export function cancelNotice(sessionId: string) {
  return { sessionId };
}

/** One of the offered options once; undefined: the request is called off, which is no leave either. */
export function permissionAnswer(optionId: string | undefined) {
  return {
    outcome:
      optionId === undefined
        ? { outcome: "cancelled" as const }
        : { outcome: "selected" as const, optionId },
  };
}
