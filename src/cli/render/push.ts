import type { Autosd } from "../../engine/autosd.ts";

type PushResult = Awaited<ReturnType<Autosd["push"]>>;

const shortId = 12;

/** What a push did, and what was there before. */
export function renderPush(result: PushResult): string {
  const commit = result.commit.slice(0, shortId);
  const place = `${result.branch} of ${result.remote}`;
  if (!result.pushed) return `${place} is at ${commit} already; nothing was pushed.\n`;
  const before = result.before === null ? "new" : `was ${result.before.slice(0, shortId)}`;
  return `Pushed ${commit} to ${place} (${before}).\nThe record of it: autosd audit show --project ${result.project} --action push\n`;
}
