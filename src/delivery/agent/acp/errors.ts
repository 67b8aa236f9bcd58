import { AutosdError, type AutosdErrorOptions, type ErrorTable } from "../../../kernel/errors.ts";

/** What is wrong with an external agent, or with how it was asked for. */
export const agentErrors = {
  "AUTOSD-AGENT-UNCONFIGURED": {
    exitCode: 2,
    summary: "An external agent is to implement, and it is not said which.",
    remedy: 'Name its command: --agent-command "CMD ARGS"',
    retryable: false,
  },
  "AUTOSD-AGENT-OPTION": {
    exitCode: 2,
    summary: "An option asks for something that autosd cannot keep with an external agent.",
    remedy: "Leave the option out, or let a language model implement: --provider openai --model M",
    retryable: false,
  },
  "AUTOSD-AGENT-ENV": {
    exitCode: 2,
    summary: "A variable of --agent-env is not set, or is one that autosd sets itself.",
    remedy: "Set the variable, or leave it out of --agent-env, and run the command again.",
    retryable: false,
  },
  "AUTOSD-AGENT-MISSING": {
    exitCode: 2,
    summary: "The program of the external agent is not there, or not to be seen in the sandbox.",
    remedy: "Install it, or show the folder that it needs: --agent-read-dir DIR",
    retryable: false,
  },
  "AUTOSD-AGENT-VERSION": {
    exitCode: 5,
    summary: "The external agent speaks another version of the Agent Client Protocol than 1.",
    remedy: "Use a version of the agent that speaks version 1, then run: autosd runs resume",
    retryable: true,
  },
  "AUTOSD-AGENT-AUTH": {
    exitCode: 5,
    summary: "The external agent wants to be authenticated.",
    remedy: "Hand it its key with --agent-env NAME, and name its method with --agent-auth METHOD",
    retryable: true,
  },
  "AUTOSD-AGENT-PROTOCOL": {
    exitCode: 5,
    summary: "The external agent does not keep to the Agent Client Protocol.",
    remedy: "See that the command starts it as an ACP agent on stdin and stdout: autosd doctor",
    retryable: true,
  },
  "AUTOSD-AGENT-EXITED": {
    exitCode: 5,
    summary: "The external agent ended before it had answered.",
    remedy: "Read what it said last, put that right, then run: autosd runs resume",
    retryable: true,
  },
  "AUTOSD-AGENT-REFUSED": {
    exitCode: 5,
    summary: "The external agent answered a request with an error.",
    remedy: "Read what it said, put that right, then run: autosd runs resume",
    retryable: true,
  },
  "AUTOSD-AGENT-SILENT": {
    exitCode: 5,
    summary: "The external agent said nothing for longer than it may.",
    remedy:
      "See that it reaches its own servers (--agent-egress HOST:PORT), or let it be silent for longer: AUTOSD_AGENT_SILENT_SECONDS",
    retryable: true,
  },
  "AUTOSD-AGENT-TIMEOUT": {
    exitCode: 5,
    summary: "The external agent took longer for a story than it may.",
    remedy: "Make the story smaller, or give it more time: AUTOSD_AGENT_TIMEOUT_SECONDS",
    retryable: true,
  },
} as const satisfies ErrorTable;

export type AgentErrorCode = keyof typeof agentErrors;

/** Something is wrong with an external agent. */
export class AgentError extends AutosdError {
  constructor(code: AgentErrorCode, message: string, options: AutosdErrorOptions = {}) {
    super(code, agentErrors[code], message, options);
  }
}
