/**
 * Figures of the folders that attempts work in, on a repository of 20,000 files: made anew, used
 * again, four at once, and git's own work trees beside them.
 */
import { bundle, ordered } from "./bundled.mjs";

const timeoutMs = 10 * 60_000;

/** Rows of `{name, value, unit, target}`. */
export async function benchWorkspaces({ files = 20_000, rounds = 3, atOnce = 4 } = {}) {
  const searchPath = process.env["PATH"] ?? "";
  const took = await ordered(
    await bundle("workspaces"),
    { files, rounds, atOnce, searchPath },
    timeoutMs,
  );
  const row = (what, value, target) => ({
    name: `workspace of ${files} files: ${what}`,
    value,
    unit: "ms",
    target,
  });
  return [
    row("git worktree add", took.workTree),
    row("made anew", took.fresh),
    row(`used again (${times(took.fresh, took.again)})`, took.again, took.fresh / 5),
    row("used again after a sandbox with a user of its own", took.adopted),
    row("git reset --hard, git clean", took.reset),
    row(`git worktree add, ${atOnce} at once`, took.workTreesAtOnce),
    row(`made anew, ${atOnce} at once`, took.freshAtOnce),
    row(
      `used again, ${atOnce} at once (${times(took.freshAtOnce, took.againAtOnce)})`,
      took.againAtOnce,
      took.freshAtOnce / 5,
    ),
  ];
}

function times(slow, fast) {
  return `${(slow / fast).toFixed(1)} times as fast`;
}
