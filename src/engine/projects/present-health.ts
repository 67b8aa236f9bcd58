import type {
  ProjectFilter,
  ProjectHealth,
  ProjectRecord,
  ProjectStore,
} from "../../state/projects.port.ts";
import type { EngineClient } from "../ports/run-engine.port.ts";

export interface HealthServices {
  readonly projects: Pick<ProjectStore, "list" | "summary">;
  readonly runs: Pick<EngineClient, "get">;
}

/** Records that are looked at in one go where the store cannot tell which are wanted. */
const pageSize = 200;

/**
 * The record with the health that holds now. A run says that it is under way when it begins; one
 * that was killed or stopped could not take that back, so it is asked of the run itself.
 */
export async function withPresentHealth(
  { runs }: Pick<HealthServices, "runs">,
  record: ProjectRecord,
): Promise<ProjectRecord> {
  if (record.health !== "running") return record;
  const run = record.lastRunId === undefined ? undefined : await runs.get(record.lastRunId);
  return { ...record, health: healthUnder(run?.status) };
}

function healthUnder(status: string | undefined): ProjectHealth {
  if (status === undefined) return "unknown";
  if (status === "running" || status === "pending") return "running";
  return status === "failed" ? "failed" : "incomplete";
}

/** As `ProjectStore.list`, by the health that holds now. */
export async function listByPresentHealth(
  services: HealthServices,
  filter: ProjectFilter,
): Promise<readonly ProjectRecord[]> {
  const { health, limit, ...rest } = filter;
  if (health === undefined) return present(services, await services.projects.list(filter));
  const found: ProjectRecord[] = [];
  for await (const page of pages(services, rest)) {
    found.push(...page.filter((record) => record.health === health));
    if (found.length >= limit) break;
  }
  return found.slice(0, limit);
}

/** As `ProjectStore.summary`, by the health that holds now; in the order of status and health. */
export async function summaryByPresentHealth(
  services: HealthServices,
): Promise<Awaited<ReturnType<ProjectStore["summary"]>>> {
  const kept = (await services.projects.summary()).filter(({ health }) => health !== "running");
  const counts = new Map(kept.map((row) => [`${row.status} ${row.health}`, row]));
  for await (const page of pages(services, {}, "running"))
    for (const { status, health } of page) {
      const key = `${status} ${health}`;
      counts.set(key, { status, health, count: (counts.get(key)?.count ?? 0) + 1 });
    }
  return [...counts].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, row]) => row);
}

/** All records that fit, with the health that holds now; `stored` is the one in the store. */
async function* pages(
  services: HealthServices,
  filter: Omit<ProjectFilter, "health" | "limit">,
  stored?: ProjectHealth,
): AsyncIterable<readonly ProjectRecord[]> {
  const asked = { ...filter, ...(stored === undefined ? {} : { health: stored }) };
  let after = filter.after;
  for (;;) {
    const from = after === undefined ? {} : { after };
    const page = await services.projects.list({ ...asked, ...from, limit: pageSize });
    if (page.length > 0) yield present(services, page);
    if (page.length < pageSize) return;
    after = page.at(-1)?.id;
  }
}

function present(
  services: Pick<HealthServices, "runs">,
  records: readonly ProjectRecord[],
): Promise<readonly ProjectRecord[]> {
  return Promise.all(records.map((record) => withPresentHealth(services, record)));
}
