import type { Autosd } from "../../engine/autosd.ts";
import type { Paint } from "../paint.ts";

export type Story = Awaited<ReturnType<Autosd["backlog"]["show"]>>["stories"][number];

/** How the status of a story is called for people. */
export const statusNames: Readonly<Record<Story["status"], string>> = {
  ready: "ready",
  in_progress: "in progress",
  done: "done",
  failed: "failed",
  unimplemented: "cannot be built yet",
};

/** One sign for the status of a story, coloured. */
export function statusMark(status: Story["status"], paint: Paint): string {
  switch (status) {
    case "done":
      return paint.green("✓");
    case "failed":
      return paint.red("✗");
    case "unimplemented":
      return paint.yellow("–");
    case "in_progress":
      return paint.cyan("•");
    case "ready":
      return paint.dim("·");
  }
}

/** Below what a folder's records say, when this home has neither written nor proven them. */
export const notProvenHere =
  "Not proven here: this is what the folder says. The next run or sprint verifies what is done.";

/** The first digits of a commit id, enough for people. */
export function shortCommit(commit: string): string {
  return commit.slice(0, 8);
}
