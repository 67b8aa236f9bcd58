const maxComparedCharacters = 400;

/** 1 for equal lines, 0 for lines with nothing in common: by the edits between them. */
export function lineSimilarity(left: string, right: string): number {
  if (left === right) return 1;
  const longer = Math.max(left.length, right.length);
  if (longer === 0) return 1;
  const difference = Math.abs(left.length - right.length);
  if (difference / longer > 0.3 || longer > maxComparedCharacters) return 0;
  return 1 - distance(left, right) / longer;
}

/** Edits of one character each between two texts. */
function distance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let at = 1; at <= left.length; at += 1) {
    const next = [at];
    for (let other = 1; other <= right.length; other += 1) {
      const swap = (row[other - 1] ?? 0) + (left[at - 1] === right[other - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[other] ?? 0) + 1, (next[other - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[right.length] ?? 0;
}

/**
 * Whether `written` says what `there` says but for slips of the pen: a word that differs must not be
 * a word of the file (then something else is meant), and numbers do not differ at all.
 */
export function isTypoOf(written: string, there: string, known: ReadonlySet<string>): boolean {
  if (written === there) return true;
  const present = new Set(there.split(/\W+/));
  for (const word of written.split(/\W+/)) {
    if (present.has(word)) continue;
    if (known.has(word)) return false;
  }
  return numbersOf(written) === numbersOf(there);
}

function numbersOf(line: string): string {
  return [...line.matchAll(/\d+/g)].join(" ");
}
