import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

const startTimeoutMs = 10_000;

/** Ways to a mount namespace of one's own; the second for whoever is not root. */
const ways = [
  { make: ["--mount"], enter: ["--mount"] },
  { make: ["--user", "--map-root-user", "--mount"], enter: ["--user", "--mount"] },
] as const;

/** Why no disk of a given size can be made here, undefined when it can. */
export function smallDisksMissing(folder: string): string | undefined {
  return wayHere(folder) === undefined
    ? "neither root nor an unprivileged user may mount a file system here (unshare, tmpfs)"
    : undefined;
}

type Way = (typeof ways)[number];

function wayHere(folder: string): Way | undefined {
  return ways.find((way) => {
    try {
      const script = 'mount -t tmpfs -o size=64k none "$0" && command -v nsenter';
      execFileSync("unshare", [...way.make, "sh", "-c", script, folder], { stdio: "ignore" });
      return true;
    } catch {
      return false;
    }
  });
}

/** A file system of a given size at a folder, seen by what `command` starts and by nobody else. */
export class SmallDisk {
  readonly folder: string;
  readonly #way: Way;
  readonly #holder: ChildProcess;

  private constructor(folder: string, way: Way, holder: ChildProcess) {
    this.folder = folder;
    this.#way = way;
    this.#holder = holder;
  }

  /** `kept` are folders in it that are on the machine's own disk. */
  static async mount(
    folder: string,
    size: string,
    kept: readonly { readonly from: string; readonly at: string }[] = [],
  ): Promise<SmallDisk> {
    const way = wayHere(folder);
    if (way === undefined) throw new Error(smallDisksMissing(folder));
    const steps = [
      `mount -t tmpfs -o mode=0700,size=${size} none '${folder}'`,
      ...kept.flatMap(({ from, at }) => [`mkdir -p '${at}'`, `mount --bind '${from}' '${at}'`]),
      "echo ready",
      // Ends when the test closes its end.
      "exec cat",
    ];
    const holder = spawn("unshare", [...way.make, "sh", "-ec", steps.join("\n")], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const lines = createInterface({ input: holder.stdout });
    await once(lines, "line", { signal: AbortSignal.timeout(startTimeoutMs) });
    return new SmallDisk(folder, way, holder);
  }

  /** The command line that sees the disk. */
  command(command: readonly [string, ...string[]]): readonly [string, ...string[]] {
    const target = String(this.#holder.pid);
    const keep = this.#way.enter.length > 1 ? ["--preserve-credentials"] : [];
    return ["nsenter", "--target", target, ...this.#way.enter, ...keep, "--wd=/", "--", ...command];
  }

  /** Gives it another size; what is on it stays. */
  resize(size: string): void {
    this.#do(["mount", "-o", `remount,size=${size}`, this.folder]);
  }

  /** Nothing can be written any more. */
  makeReadOnly(): void {
    this.#do(["mount", "-o", "remount,ro", this.folder]);
  }

  freeBytes(): number {
    const text = this.#do(["df", "--block-size=1", "--output=avail", this.folder]);
    return Number(text.trim().split("\n").at(-1));
  }

  close(): void {
    this.#holder.stdin?.end();
  }

  #do(command: readonly [string, ...string[]]): string {
    const [program, ...args] = this.command(command);
    return execFileSync(program, args, { encoding: "utf8" });
  }
}
