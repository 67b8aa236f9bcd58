const quote = 0x22;
const backslash = 0x5c;
const newline = 0x0a;
const opening: ReadonlySet<number> = new Set([0x7b, 0x5b]);
const closing: ReadonlySet<number> = new Set([0x7d, 0x5d]);

/**
 * Far deeper than an answer and the arguments in it are; what lies below is dropped from arguments
 * later on in any case. The providers' packages walk it by recursion and run out of stack.
 */
export const maxBodyDepth = 256;

/**
 * A whole answer, `events` (each a line of JSON) or one `json`, with null for what is nested deeper
 * than `maxBodyDepth`: it is paid for, so it is not refused for that. Everything else stays as it
 * is. Costs one pass; what is no JSON comes back unchanged.
 */
export function withoutDepths(body: string, form: "events" | "json"): string {
  const kept: string[] = [];
  let from = 0;
  let depth = 0;
  let isText = false;
  for (let at = 0; at < body.length; at += 1) {
    const code = body.charCodeAt(at);
    if (code === newline && form === "events") {
      if (depth > maxBodyDepth) return body;
      isText = false;
      depth = 0;
    } else if (isText) {
      if (code === backslash) at += 1;
      else if (code === quote) isText = false;
    } else if (code === quote) isText = true;
    else if (opening.has(code)) {
      depth += 1;
      if (depth === maxBodyDepth + 1) kept.push(body.slice(from, at), "null");
    } else if (closing.has(code)) {
      if (depth === maxBodyDepth + 1) from = at + 1;
      depth = Math.max(0, depth - 1);
    }
  }
  if (kept.length === 0 || depth > maxBodyDepth) return body;
  return [...kept, body.slice(from)].join("");
}
