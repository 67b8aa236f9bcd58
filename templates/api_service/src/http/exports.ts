import { Readable } from "node:stream";
import type { FastifyReply } from "fastify";
import { type CsvColumn, csvHead, csvLine } from "./csv.ts";

/** Sends records as a file, a part at a time: the whole list is never in memory. */
export function sendCsv(
  reply: FastifyReply,
  name: string,
  columns: readonly CsvColumn[],
  records: Iterable<object>,
): FastifyReply {
  return reply
    .type("text/csv; charset=utf-8; header=present")
    .header("content-disposition", `attachment; filename="${name}.csv"`)
    .send(Readable.from(csvParts(columns, records)));
}

export function sendJson(
  reply: FastifyReply,
  name: string,
  records: Iterable<unknown>,
): FastifyReply {
  return reply
    .type("application/json; charset=utf-8")
    .header("content-disposition", `attachment; filename="${name}.json"`)
    .send(Readable.from(jsonParts(records)));
}

function* csvParts(columns: readonly CsvColumn[], records: Iterable<object>) {
  yield csvHead(columns);
  for (const record of records) yield csvLine(columns, record);
}

function* jsonParts(records: Iterable<unknown>) {
  let separator = "[";
  for (const record of records) {
    yield separator + JSON.stringify(record);
    separator = ",";
  }
  yield separator === "[" ? "[]" : "]";
}
