/**
 * The least that an agent which keeps a journal has to do before its first question: one synced line,
 * one request. `node bench/minimal-loop.mjs JOURNAL ADDRESS`; the floor that start times are held to.
 */
import { fsyncSync, openSync, writeSync } from "node:fs";
import { request } from "node:http";

const [journal = "", address = ""] = process.argv.slice(2);
const file = openSync(journal, "a");
writeSync(file, '{"kind":"intent"}\n');
fsyncSync(file);
const asked = request(address, { method: "POST", headers: { authorization: "Bearer k" } });
asked.on("response", (answer) => answer.resume());
asked.end('{"model":"scripted","input":"hello"}');
