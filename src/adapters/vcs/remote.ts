import { resolve } from "node:path";
import type { PushRequest, Remote, RemoteBranch } from "../../delivery/release/remote.port.ts";
import { Authorization } from "../../governance/policy/authorization.ts";
import { VcsError } from "./errors.ts";
import { runGit, type GitCall, type GitOptions } from "./git-command.ts";
import { requireRepository, type Repository } from "./repository.ts";

/** How git reaches the outside, besides what every git command gets. */
export interface RemoteOptions extends GitOptions {
  /** Socket of the ssh-agent whose keys may be used; ssh asks nothing and reads no configuration. */
  readonly sshAuthSocket: string | undefined;
  /** Token for `https://` addresses, read when it is needed. Never in arguments or logs. */
  readonly token: () => Promise<string | undefined>;
}

const branchName =
  /^(?!.*(\.\.|\/\/|@\{|\.lock(\/|$)))[A-Za-z0-9_][A-Za-z0-9._/-]{0,199}(?<![./])$/;
const remoteName = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$/;
const commitId = /^[0-9a-f]{40}$/;
const noSuchKey = 1;

/** git's own transports behind the Remote port. */
export function createGitRemote(options: RemoteOptions): Remote {
  return {
    urlOf: (directory, name) => urlOf(options, resolve(directory), name),
    headOf: (directory, place) => headOf(options, resolve(directory), place),
    push: (authorization, directory, request) =>
      push(options, authorization, resolve(directory), request),
  };
}

async function urlOf(
  options: RemoteOptions,
  directory: string,
  name: string,
): Promise<string | undefined> {
  if (!remoteName.test(name)) return undefined;
  const repository = await requireRepository(options, directory);
  const answer = await runGit(options, {
    gitDir: repository.gitDir,
    cwd: directory,
    workTree: directory,
    args: ["config", "--local", "--no-includes", "--get", `remote.${name}.url`],
    answers: [0, noSuchKey],
  });
  return answer.exitCode === 0 ? answer.stdout.trim() : undefined;
}

async function headOf(
  options: RemoteOptions,
  directory: string,
  place: RemoteBranch,
): Promise<string | undefined> {
  const repository = await requireRepository(options, directory);
  const ref = refOf(place);
  const answer = await talk(options, repository, place.url, ["ls-remote", "--", place.url, ref]);
  const line = answer.split("\n").find((one) => one.endsWith(`\t${ref}`));
  return line?.slice(0, line.indexOf("\t"));
}

/** Authorize, look, push; the remote itself compares the old commit with what it was told. */
async function push(
  options: RemoteOptions,
  authorization: Authorization,
  directory: string,
  request: PushRequest,
): Promise<void> {
  if (!commitId.test(request.commit) || request.action.commit !== request.commit)
    throw new VcsError("AUTOSD-VCS-UNAUTHORIZED", "the push names another commit than its leave");
  const refusal = Authorization.spend(authorization, {
    kind: "privileged",
    action: request.action,
  });
  if (refusal !== undefined)
    throw new VcsError("AUTOSD-VCS-UNAUTHORIZED", `the push was not authorized: ${refusal}`);
  const repository = await requireRepository(options, directory);
  const found = await headOf(options, directory, request);
  if (found !== request.expected) throw rejected(request, found);
  const ref = refOf(request);
  await talk(options, repository, request.url, [
    "push",
    "--quiet",
    "--no-verify",
    "--no-signed",
    "--no-follow-tags",
    "--recurse-submodules=no",
    "--",
    request.url,
    `${request.commit}:${ref}`,
  ]);
}

function rejected(request: PushRequest, found: string | undefined): VcsError {
  return new VcsError(
    "AUTOSD-PUSH-REJECTED",
    `branch ${request.branch} of ${shown(request.url)} is at ${found ?? "no commit"}, not at ${request.expected ?? "no commit"}; nothing was pushed`,
  );
}

function refOf(place: RemoteBranch): string {
  if (!branchName.test(place.branch))
    throw new VcsError("AUTOSD-PUSH-ADDRESS", `${place.branch} is not a branch name`);
  return `refs/heads/${place.branch}`;
}

type Transport = "file" | "ssh" | "https" | "http";

/** How git would reach the address; undefined for what it would run as a command or cannot be trusted. */
export function transportOf(url: string): Transport | undefined {
  if (url === "" || url.startsWith("-") || /[\0-\x20\x7f]/.test(url)) return undefined;
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//.exec(url)?.[1];
  // A token and the code itself travel in the clear: to this very machine only.
  if (scheme === "http" && !/^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?\//.test(url))
    return undefined;
  if (scheme !== undefined)
    return (["file", "ssh", "https", "http"] as const).find((known) => known === scheme);
  // `ext::command` and other remote helpers run programs.
  if (/^[A-Za-z0-9+.-]+::/.test(url)) return undefined;
  if (url.startsWith("/") || url.startsWith("./") || url.startsWith("../")) return "file";
  return /^[A-Za-z0-9._-]+(@[A-Za-z0-9.-]+)?:[^:]/.test(url) ? "ssh" : undefined;
}

async function talk(
  options: RemoteOptions,
  repository: Repository,
  url: string,
  args: readonly string[],
): Promise<string> {
  const transport = transportOf(url);
  if (transport === undefined)
    throw new VcsError(
      "AUTOSD-PUSH-ADDRESS",
      `${shown(url)} is no address that autosd pushes to (a path, file, ssh or https)`,
    );
  const call: GitCall = {
    gitDir: repository.view,
    cwd: repository.directory,
    env: {
      ...repository.objectsEnv,
      GIT_ALLOW_PROTOCOL: transport,
      ...(await credentials(options, transport)),
    },
    config: [
      [`protocol.${transport}.allow`, "always"],
      // A redirect would carry the token to whoever it names.
      ["http.followRedirects", "false"],
    ],
    args,
  };
  try {
    return (await runGit(options, call)).stdout;
  } catch (error) {
    throw translated(error, url);
  }
}

async function credentials(
  options: RemoteOptions,
  transport: Transport,
): Promise<Readonly<Record<string, string>>> {
  if (transport === "ssh")
    return {
      // No user configuration: a ProxyCommand in it would be a program of somebody's choice.
      GIT_SSH_COMMAND: "ssh -F /dev/null -o BatchMode=yes -o StrictHostKeyChecking=yes",
      ...(options.sshAuthSocket === undefined ? {} : { SSH_AUTH_SOCK: options.sshAuthSocket }),
    };
  if (transport !== "https" && transport !== "http") return {};
  const token = await options.token();
  if (token === undefined) return {};
  const basic = Buffer.from(`x-access-token:${token}`, "utf8").toString("base64");
  // By environment: arguments can be read by every user of the machine.
  return {
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: "http.extraHeader",
    GIT_CONFIG_VALUE_0: `Authorization: Basic ${basic}`,
  };
}

function translated(error: unknown, url: string): unknown {
  if (!(error instanceof VcsError) || error.code !== "AUTOSD-VCS-FAILED") return error;
  const said = error.details["stderr"];
  const stderr = typeof said === "string" ? said : "";
  const at = shown(url);
  if (/\[rejected\]|non-fast-forward|fetch first|remote rejected/i.test(stderr))
    return new VcsError("AUTOSD-PUSH-REJECTED", `${at} refused the push: ${lastLine(stderr)}`, {
      cause: error,
    });
  return new VcsError("AUTOSD-PUSH-UNREACHABLE", `${at} cannot be reached: ${lastLine(stderr)}`, {
    cause: error,
  });
}

function lastLine(stderr: string): string {
  const lines = stderr.split("\n").filter((line) => /fatal:|error:|rejected/.test(line));
  return (lines[0] ?? "no reason given").replace(/^(fatal|error): /, "").slice(0, 300);
}

/** Without user names and passwords. */
export function shown(url: string): string {
  return url.replace(/^([a-z]+:\/\/)[^@/]*@/, "$1");
}
