import type { ReadStream, WriteStream } from "node:tty";

/** Longer than any passphrase; what is pasted by mistake is not collected without end. */
const maxSecretLength = 1_024;
const enter = ["\r", "\n"];
const backspace = ["\u007f", "\b"];
const ctrlC = "\u0003";
const ctrlD = "\u0004";
const ctrlU = "\u0015";

/** The streams of a dialogue: both must be a terminal. */
export interface SecretStreams {
  readonly stdin: Pick<ReadStream, "isTTY" | "setRawMode" | "on" | "off" | "resume" | "pause">;
  readonly stderr: Pick<WriteStream, "isTTY" | "write">;
}

/**
 * How a passphrase is asked for: on stderr, without echo, up to Enter. Undefined when there is no
 * terminal at both ends. The answer rejects when `signal` aborts; Ctrl-C calls `interrupt`, because
 * a terminal without echo sends it as a character.
 */
export function secretQuestion(
  streams: SecretStreams,
  signal: AbortSignal,
  interrupt: () => void,
): ((question: string) => Promise<string>) | undefined {
  if (!streams.stdin.isTTY || !streams.stderr.isTTY) return undefined;
  return (question) => ask(streams, { question, signal, interrupt });
}

function ask(
  { stdin, stderr }: SecretStreams,
  call: { readonly question: string; readonly signal: AbortSignal; readonly interrupt: () => void },
): Promise<string> {
  return new Promise<string>((resolve, reject) => {
    const decoder = new TextDecoder();
    let typed: readonly string[] = [];
    const end = (settle: () => void): void => {
      stdin.off("data", onData);
      call.signal.removeEventListener("abort", onAbort);
      stdin.setRawMode(false);
      stdin.pause();
      stderr.write("\n");
      settle();
    };
    const onAbort = (): void => end(() => reject(new Error("interrupted")));
    // What was typed beyond Enter is dropped: nobody answers a question that he has not seen.
    const onData = (chunk: Buffer): void => {
      for (const character of decoder.decode(chunk, { stream: true })) {
        if (enter.includes(character) || character === ctrlD) {
          end(() => resolve(typed.join("")));
          return;
        }
        if (character === ctrlC) {
          call.interrupt();
          return;
        }
        typed = edited(typed, character);
      }
    };
    if (call.signal.aborted) {
      reject(new Error("interrupted"));
      return;
    }
    call.signal.addEventListener("abort", onAbort, { once: true });
    stderr.write(call.question);
    // Raw: nothing is echoed, and nothing is left in the terminal's line buffer.
    stdin.setRawMode(true);
    stdin.on("data", onData);
    stdin.resume();
  });
}

function edited(typed: readonly string[], character: string): readonly string[] {
  if (backspace.includes(character)) return typed.slice(0, -1);
  if (character === ctrlU) return [];
  // Other control characters mean something to a terminal, not to a passphrase.
  if (character < " " || typed.length >= maxSecretLength) return typed;
  return [...typed, character];
}
