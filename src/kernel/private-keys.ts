import type { SecretRule, Span } from "./secret-rule.ts";

/** Begin and end lines of every armoured private key: PKCS#1, PKCS#8, SEC1, OpenSSH, encrypted, PGP. */
const marker =
  /-{4,5} ?(BEGIN|END) ([A-Z0-9]{0,20} ?(?:[A-Z0-9]{1,20} )?PRIVATE KEY(?: BLOCK)?) ?-{4,5}/g;

/** Further apart than this, two markers do not belong together: the longest RSA keys take 13 KB. */
const maxKeyChars = 65_536;
/** Fewer characters of base64 than this are no key: a mention of the markers in code or prose. */
const minBodyChars = 40;
/** A word of a key's body: prose has no words of this length. */
const bodyWord = /[A-Za-z0-9+/=]{16,}/g;
/** A line end as it is, or as JSON and source code write it. */
const lineEnd = /\r\n|\n|\\r\\n|\\n|\r/g;

interface Marker extends Span {
  readonly kind: "begin" | "end";
  readonly label: string;
}

/**
 * Whole keys, and what is left of a key whose other end was cut away, as in shortened output. The
 * begin and end lines belong to the finding.
 */
export const privateKeyRule: SecretRule = {
  id: "private-key",
  title: "Private key",
  find: findPrivateKeys,
};

function* findPrivateKeys(text: string): Iterable<Span> {
  if (!text.includes("PRIVATE KEY")) return;
  const markers = markersOf(text);
  // Each stretch of text between two markers is looked at once, so hostile text costs no more.
  for (let index = 0; index < markers.length; index += 1) {
    const current = markers[index];
    if (current === undefined) return;
    const next = markers[index + 1];
    if (current.kind === "begin" && next?.kind === "end" && belongTogether(current, next)) {
      index += 1;
      if (bodyChars(text.slice(current.end, next.start)) >= minBodyChars)
        yield { start: current.start, end: next.end };
      continue;
    }
    const span =
      current.kind === "begin"
        ? cutAtTheEnd(text, current, next?.start ?? text.length)
        : cutAtTheStart(text, current, markers[index - 1]?.end ?? 0);
    if (span !== undefined) yield span;
  }
}

function markersOf(text: string): readonly Marker[] {
  return [...text.matchAll(marker)].map((match) => ({
    kind: match[1] === "BEGIN" ? "begin" : "end",
    label: match[2] ?? "",
    start: match.index,
    end: match.index + match[0].length,
  }));
}

function belongTogether(begin: Marker, end: Marker): boolean {
  return begin.label === end.label && end.start - begin.end <= maxKeyChars;
}

function bodyChars(text: string): number {
  let total = 0;
  for (const word of text.matchAll(bodyWord)) total += word[0].length;
  return total;
}

function cutAtTheEnd(text: string, begin: Marker, limit: number): Span | undefined {
  const body = text.slice(begin.end, Math.min(limit, begin.end + maxKeyChars));
  const lines = linesOf(body);
  let end = 0;
  for (const [index, line] of lines.entries()) {
    if (isBody(line.text)) end = line.end;
    else if (!mayPrecedeBody(line.text) && index > 0) break;
  }
  return bodyChars(body.slice(0, end)) >= minBodyChars
    ? { start: begin.start, end: begin.end + end }
    : undefined;
}

function cutAtTheStart(text: string, end: Marker, limit: number): Span | undefined {
  const from = Math.max(limit, end.start - maxKeyChars);
  const body = text.slice(from, end.start);
  let start = body.length;
  for (const [index, line] of linesOf(body).reverse().entries()) {
    if (isBody(line.text)) start = line.start;
    else if (line.text.trim() !== "" && index > 0) break;
  }
  return bodyChars(body.slice(start)) >= minBodyChars
    ? { start: from + start, end: end.end }
    : undefined;
}

function linesOf(
  text: string,
): { readonly text: string; readonly start: number; readonly end: number }[] {
  const lines = [];
  let start = 0;
  for (const match of text.matchAll(lineEnd)) {
    lines.push({ text: text.slice(start, match.index), start, end: match.index });
    start = match.index + match[0].length;
  }
  lines.push({ text: text.slice(start), start, end: text.length });
  return lines;
}

/** One word of base64, whatever quotes, plus signs or line prefixes stand around it. */
function isBody(line: string): boolean {
  return (
    line.length <= 8_192 && /^[^A-Za-z0-9+/=]{0,16}[A-Za-z0-9+/=]{4,}[^A-Za-z0-9]{0,16}$/.test(line)
  );
}

/** Blank lines and the header fields of encrypted and PGP keys. */
function mayPrecedeBody(line: string): boolean {
  return line.trim() === "" || /^\W{0,16}[A-Za-z-]{1,40}: /.test(line);
}
