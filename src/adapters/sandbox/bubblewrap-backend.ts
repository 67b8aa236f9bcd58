import { Buffer } from "node:buffer";
import type { ProcessSpec } from "../../kernel/process.ts";
import { isWithin } from "./mounts.ts";
import type { SandboxPlan, ViewStep } from "./plan.ts";
import type { RunPlace } from "./run-in-sandbox.ts";

/**
 * Closes what the operator's shell left open, then opens what bubblewrap reads from open files: its
 * arguments come on stdin (of a command that is talked with: from open file 3), so that `ps` shows
 * none. Plain `sh` may know one-digit files only.
 */
const outerScript = (isDialogue: boolean): string =>
  [
    "status=$1 filter=$2; shift 2",
    'for file in /proc/self/fd/*; do number=${file##*/}; case "$number" in',
    isDialogue ? "[0123]) ;;" : "[012]) ;;",
    '[3-9]) eval "exec $number>&-" ;;',
    '*) if [ -n "$BASH_VERSION" ] && [ "$number" != 255 ]; then eval "exec $number>&-"; fi ;;',
    "esac; done",
    'exec "$@" 6>>"$status" 7>>"$status" 9<"$filter" ' +
      (isDialogue ? "8<&3 3<&-" : "8<&0 0</dev/null"),
  ].join("\n");

/**
 * The command's parent inside, with no more rights than the command: says that the sandbox stands,
 * runs the command, reaps orphans meanwhile, and ends as the command ended. Its own words about signals go
 * nowhere.
 */
const innerScript = [
  "echo 1000 2>/dev/null >/proc/self/oom_score_adj",
  "program=$1; shift",
  'command -v -- "$program" >/dev/null || { echo "not-started $program: not found or not executable" >&7; exit 127; }',
  "echo started >&7",
  "exec 5>&2 2>/dev/null 7>&-",
  '"$@" 2>&5 5>&-',
  "exit $?",
].join("\n");

/**
 * As root, bubblewrap gives a command no user namespace of its own, and the kernel then counts the
 * processes of all sandboxes together: room for as many as run side by side.
 */
const sandboxesThatShareALimit = 8;

const hiddenInProc = ["kcore", "keys", "latency_stats", "timer_list", "sched_debug"] as const;

/**
 * The host process that runs a plan with bubblewrap. `shell` is bash where there is one, `filter` a file that
 * holds the plan's system call filter, `procEntries` what the machine's `/proc` has.
 */
export function bubblewrapProcess(
  plan: SandboxPlan,
  place: RunPlace,
  machine: {
    readonly shell: readonly [string, ...string[]];
    readonly filter: string;
    readonly procEntries: readonly string[];
  },
): Pick<ProcessSpec, "command" | "stdin"> {
  const options = [
    ...namespaceOptions(plan),
    ...plan.view.flatMap((step, index) => [
      ...parentOptions(step, plan.view.slice(0, index)),
      ...viewOptions(step, plan, machine.procEntries),
    ]),
    "--remount-ro",
    "/",
    "--clearenv",
    ...Object.entries(plan.env).flatMap(([name, value]) => ["--setenv", name, value]),
    "--chdir",
    plan.cwd,
  ];
  return {
    command: [
      ...machine.shell,
      "-c",
      outerScript(plan.isDialogue),
      "sh",
      place.status,
      machine.filter,
      "bwrap",
      "--args",
      "8",
      "--",
      ...limited(plan),
      "/bin/sh",
      "-c",
      innerScript,
      "sh",
      plan.program,
      ...plan.command,
    ],
    stdin: Buffer.from(options.map((option) => `${option}\0`).join(""), "utf8"),
  };
}

/**
 * Without root, bubblewrap's own process 1 would be of the command's user and without the filter: the
 * command could take it over. With root it is root's, out of reach, and must be, because only that
 * one can be killed when autosd is.
 */
const userNamespace = ["--unshare-user", "--as-pid-1"] as const;

function namespaceOptions(plan: SandboxPlan): readonly string[] {
  return [
    ...(plan.identity.drop ? [] : userNamespace),
    "--unshare-ipc",
    "--unshare-pid",
    "--unshare-net",
    "--unshare-uts",
    "--unshare-cgroup-try",
    "--hostname",
    "sandbox",
    "--die-with-parent",
    "--new-session",
    "--json-status-fd",
    "6",
    "--seccomp",
    "9",
    "--cap-drop",
    "ALL",
    // Only until setpriv inside has become the other user.
    ...(plan.identity.drop
      ? ["CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP"].flatMap((one) => ["--cap-add", one])
      : []),
  ];
}

function viewOptions(
  step: ViewStep,
  plan: SandboxPlan,
  procEntries: readonly string[],
): readonly string[] {
  switch (step.kind) {
    case "bind":
      return [step.mode === "read-only" ? "--ro-bind" : "--bind", step.from, step.to];
    case "link":
      return ["--symlink", step.target, step.path];
    case "tmpfs":
      return ["--perms", "1777", "--size", String(step.sizeBytes), "--tmpfs", step.path];
    case "home":
      // bubblewrap cannot give a folder to another user; the file system around it is private.
      return ["--perms", plan.identity.drop ? "0777" : "0700", "--dir", step.path];
    case "dev":
      return [
        ...["--dev", "/dev", "--perms", "1777"],
        ...["--size", String(step.sharedMemoryBytes), "--tmpfs", "/dev/shm"],
        ...["--remount-ro", "/dev"],
      ];
    case "proc":
      return [
        ...["--proc", "/proc", "--ro-bind", "/proc/sys", "/proc/sys"],
        ...hiddenInProc
          .filter((entry) => procEntries.includes(entry))
          .flatMap((entry) => ["--ro-bind", "/dev/null", `/proc/${entry}`]),
      ];
  }
}

/** bubblewrap makes missing parents for root alone: the command is another user and must pass them. */
function parentOptions(step: ViewStep, earlier: readonly ViewStep[]): readonly string[] {
  if (step.kind !== "bind" && step.kind !== "link") return [];
  const path = step.kind === "bind" ? step.to : step.path;
  const shown = earlier.flatMap((one) => (one.kind === "bind" ? [one.to] : []));
  const parts = path.split("/").slice(1, -1);
  return parts
    .map((_, index) => `/${parts.slice(0, index + 1).join("/")}`)
    .filter((folder) => !shown.some((top) => isWithin(folder, top)))
    .flatMap((folder) => ["--perms", "0755", "--dir", folder]);
}

function limited(plan: SandboxPlan): readonly string[] {
  const { limits, identity } = plan;
  const processes = limits.processes * (identity.drop ? sandboxesThatShareALimit : 1);
  return [
    "prlimit",
    "--core=0",
    `--nproc=${processes}`,
    `--data=${limits.dataBytes}`,
    `--fsize=${limits.fileBytes}`,
    `--nofile=${limits.openFiles}`,
    "--",
    ...(identity.drop
      ? [
          "setpriv",
          `--reuid=${identity.uid}`,
          `--regid=${identity.gid}`,
          "--clear-groups",
          "--inh-caps=-all",
          "--bounding-set=-all",
          "--no-new-privs",
          "--pdeathsig=KILL",
          "--",
        ]
      : []),
  ];
}
