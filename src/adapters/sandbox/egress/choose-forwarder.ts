import type { ProcessRunner } from "../../../kernel/process.ts";

/** What carries connections inside the sandbox: a program of its system part and its script on the host. */
export interface Forwarder {
  readonly program: string;
  readonly script: string;
}

const perl = "/usr/bin/perl";
const modules = ["Socket", "IO::Handle", "POSIX"];
const lookTimeoutMs = 5_000;

/** The Perl one where this machine's perl has what it uses, else the Node one. Never rejects. */
export async function chooseForwarder(
  runner: ProcessRunner,
  scripts: { readonly quick: string; readonly usual: Forwarder },
): Promise<Forwarder> {
  const looked = await runner.run({
    command: [perl, ...modules.map((name) => `-M${name}`), "-e", "1"],
    cwd: "/",
    env: { LANG: "C" },
    timeoutMs: lookTimeoutMs,
    maxOutputBytes: 4_096,
  });
  const works = looked.end.kind === "exited" && looked.end.exitCode === 0;
  return works ? { program: perl, script: scripts.quick } : scripts.usual;
}
