import { pythonIncompleteExitCode } from "../../delivery/verification/python-toolchain.ts";
import type { ToolchainProfile } from "../../delivery/verification/toolchain.ts";
import type { ProcessResult } from "../../kernel/process.ts";

/** What an install came to. */
export type InstallOutcome =
  | { readonly kind: "installed"; readonly output: string }
  /** The registry answered and the package manager refuses; trying again changes nothing. */
  | {
      readonly kind: "refused";
      readonly exitCode: number | null;
      readonly reason: string;
      readonly output: string;
    }
  /** The machine's own tools cannot install anything. */
  | { readonly kind: "incomplete"; readonly reason: string; readonly output: string }
  /** Nobody answered. */
  | { readonly kind: "unreachable"; readonly reason: string; readonly output: string };

const npmNetworkCodes =
  /\b(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EPIPE|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|FETCH_ERROR|E5\d\d|E429|E407|E403|UNABLE_TO_[A-Z_]+|SELF_SIGNED_[A-Z_]+|CERT_[A-Z_]+|ESOCKETTIMEDOUT|ERR_PNPM_FETCH_(?:4(?:03|07|29)|5\d\d)|ERR_PNPM_META_FETCH_FAIL|ConnectionRefused|ConnectionClosed|FailedToOpenSocket|DNSResolve\w*|TimeoutError)\b|trouble with your network connection|Response code 5\d\d|RequestError/;
const pipNetworkWords =
  /NewConnectionError|ConnectTimeoutError|ReadTimeoutError|ProxyError|Temporary failure in name resolution|Max retries exceeded|SSLError|Network is unreachable/;

const wheelsOnly = /No matching distribution found|Could not find a version that satisfies/;
const wheelsOnlyWords = " (wheels only: a package that would have to be built is not taken)";

/** The script's own word for it, and Debian's, which ships the module without what it needs. */
function lacksTools(exitCode: number, output: string): boolean {
  return exitCode === pythonIncompleteExitCode || /ensurepip is not\s+available/.test(output);
}

/** Tells a refusal from a registry that does not answer, by the package manager's own words. */
export function installOutcome(
  toolchain: ToolchainProfile["id"],
  result: ProcessResult,
): InstallOutcome {
  const output = `${result.stdout}\n${result.stderr}`.trim();
  const { end } = result;
  switch (end.kind) {
    case "timed-out":
      return { kind: "unreachable", reason: "the install did not end in time", output };
    case "signalled":
      return { kind: "unreachable", reason: `the install was killed by ${end.signal}`, output };
    case "cancelled":
      return { kind: "unreachable", reason: "the install was cancelled", output };
    case "not-started":
      return { kind: "refused", exitCode: null, reason: end.reason, output };
    case "exited":
      break;
  }
  if (end.exitCode === 0) return { kind: "installed", output };
  if (toolchain === "python" && lacksTools(end.exitCode, output))
    return { kind: "incomplete", reason: reasonIn(output), output };
  const unreachable =
    toolchain === "node" ? npmNetworkCodes.test(output) : pipNetworkWords.test(output);
  const reason = `${reasonIn(output)}${wheelsOnly.test(output) ? wheelsOnlyWords : ""}`;
  return unreachable
    ? { kind: "unreachable", reason, output }
    : { kind: "refused", exitCode: end.exitCode, reason, output };
}

/** The line that says what is wrong, not the advice around it. */
function reasonIn(output: string): string {
  const lines = output
    .split("\n")
    .map((line) => line.replace(/^npm (?:error|ERR!)\s*/, "").trim())
    .filter((line) => line !== "");
  const code = lines.find((line) => /^code E?\w+$/.test(line));
  const words = lines.find((line) =>
    /^(?:ERROR:?\s|\d{3} |`npm ci` can only|Missing:|Invalid:|request to|notarget|network |Integrity|sha\d+|ERR_PNPM_|\S* ?YN00(?!00|07|13|85|86)\d\d)/i.test(
      line,
    ),
  );
  return [words ?? lines.at(-1) ?? "no output", code === undefined ? "" : `(${code.slice(5)})`]
    .filter((part) => part !== "")
    .join(" ");
}
