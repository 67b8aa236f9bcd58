import type { EntryFilter } from "../../governance/audit/audit-log.port.ts";
import { parseLine } from "../../governance/audit/entry-line.ts";
import type { Entry } from "../../governance/audit/entry.ts";
import { matchesFilter } from "../../governance/audit/matches-filter.ts";
import { readLinesBackwards } from "./audit-backwards.ts";
import type { AuditPlaces } from "./audit-places.ts";
import { listSegments, readLines, tampered } from "./audit-segments.ts";

/** Lines that are looked at before what was found is handed on. */
const linesPerWindow = 10_000;

/** The entries that a filter asks for, in order. Reads only; the chain is not checked. */
export async function* readEntries(places: AuditPlaces, filter: EntryFilter): AsyncIterable<Entry> {
  const { last } = filter;
  if (last !== undefined) yield* await newestEntries(places, filter, last);
  else for await (const window of windows(places, filter)) yield* window;
}

/** From the end, so that the newest few of a long log are found without reading it. */
async function newestEntries(
  places: AuditPlaces,
  filter: EntryFilter,
  last: number,
): Promise<readonly Entry[]> {
  const marks = marksOf(filter);
  const found: Entry[] = [];
  if (last <= 0) return found;
  await readLinesBackwards(places.log, (line) => {
    if (!marks.every((mark) => line.includes(mark))) return "go on";
    const entry = parseLine(line);
    if (entry === undefined) throw tampered("one of its lines is not an entry");
    if (matchesFilter(entry, filter)) found.push(entry);
    // Times never go back: nothing before it is young enough.
    const isOlder = filter.sinceMs !== undefined && Date.parse(entry.ts) < filter.sinceMs;
    return found.length >= last || isOlder ? "stop" : "go on";
  });
  return found.reverse();
}

async function* windows(places: AuditPlaces, filter: EntryFilter): AsyncIterable<readonly Entry[]> {
  const marks = marksOf(filter);
  let segments = await listSegments(places.log);
  let seq = 0;
  let position = { segment: segments[0]?.firstSeq ?? 0, offset: 0 };
  for (let isDone = false; !isDone;) {
    const found: Entry[] = [];
    let lines = 0;
    const outcome = await readLines(segments, position, {
      enter: () => {
        position = { segment: seq, offset: 0 };
        return undefined;
      },
      line: (line) => {
        if (lines >= linesPerWindow) return "enough for now";
        lines += 1;
        if (marks.every((mark) => line.includes(mark))) {
          const entry = parseLine(line);
          if (entry === undefined) throw tampered(`entry ${seq} is not an entry`, { seq });
          if (matchesFilter(entry, filter)) found.push(entry);
        }
        seq += 1;
        position = { ...position, offset: position.offset + line.length + 1 };
        return undefined;
      },
    });
    if (found.length > 0) yield found;
    if ("message" in outcome && lines < linesPerWindow) throw tampered(outcome.message, { seq });
    isDone = !("message" in outcome);
    segments = await listSegments(places.log);
  }
}

/** Texts that stand in the line of whatever matches: canonical JSON says a thing in one way only. */
function marksOf(filter: EntryFilter): readonly Buffer[] {
  const { project, action, grant, decision, kind } = filter;
  const member = (name: string, value: string | undefined): readonly string[] =>
    value === undefined ? [] : [`"${name}":${JSON.stringify(value)}`];
  return [
    ...member("project", project),
    ...member("action", action),
    ...member("decision", decision),
    ...member("kind", kind),
    ...(grant === undefined ? [] : [JSON.stringify(grant)]),
  ].map((text) => Buffer.from(text, "utf8"));
}

/** The line of an entry; undefined beyond the end. */
export async function readEntryLine(
  places: AuditPlaces,
  seq: number,
): Promise<Uint8Array | undefined> {
  if (!Number.isSafeInteger(seq) || seq < 0) return undefined;
  const segments = await listSegments(places.log);
  const first = segments.filter(({ firstSeq }) => firstSeq !== undefined && firstSeq <= seq).at(-1);
  let next = first?.firstSeq ?? 0;
  let found: Uint8Array | undefined;
  await readLines(
    segments,
    { segment: next, offset: 0 },
    {
      enter: () => undefined,
      line: (line) => {
        if (next === seq) found = Uint8Array.from(line);
        next += 1;
        return found === undefined ? undefined : "found";
      },
    },
  );
  return found;
}
