import type { ProcessRunner } from "../../../kernel/process.ts";

/** What carries connections inside the sandbox: a program of its system part and its script on the host. */
export interface Forwarder {
  readonly program: string;
  readonly script: string;
}

const perl = "/usr/bin/perl";
const lookTimeoutMs = 5_000;

/** The Perl one where this machine has a perl that starts, else the Node one. Never rejects. */
export async function chooseForwarder(
  runner: ProcessRunner,
  scripts: { readonly quick: string; readonly usual: Forwarder },
): Promise<Forwarder> {
  const looked = await runner.run({
    command: [perl, "-f", "-e", "1"],
    cwd: "/",
    env: { LANG: "C" },
    timeoutMs: lookTimeoutMs,
    maxOutputBytes: 4_096,
  });
  const works = looked.end.kind === "exited" && looked.end.exitCode === 0;
  return works ? { program: perl, script: scripts.quick } : scripts.usual;
}
