/** Longer words are not compared: nobody mistypes them by accident, and the cost is quadratic. */
const maxChars = 64;

/** The candidate that `word` was most likely meant to be; undefined when none is close. */
export function nearMatch(word: string, candidates: readonly string[]): string | undefined {
  if (word.length === 0 || word.length > maxChars) return undefined;
  const wanted = folded(word);
  let best: string | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const other = folded(candidate);
    const limit = Math.max(1, Math.floor(Math.min(wanted.length, other.length) / 3));
    const distance = editDistance(wanted, other);
    if (distance <= limit && distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** `max_task_attempts`, `max-task-attempts` and `maxTaskAttempts` are the same word. */
function folded(word: string): string {
  return word.toLowerCase().replace(/[^a-z0-9]/g, "");
}

/** Letters to insert, delete, replace or swap with their neighbour. */
function editDistance(left: string, right: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const same = left[row - 1] === right[column - 1];
      const swapped =
        row > 1 &&
        column > 1 &&
        left[row - 1] === right[column - 2] &&
        left[row - 2] === right[column - 1];
      const at = (line: readonly number[], index: number): number => line[index] ?? Infinity;
      current[column] = Math.min(
        at(previous, column) + 1,
        at(current, column - 1) + 1,
        at(previous, column - 1) + (same ? 0 : 1),
        swapped ? at(beforePrevious, column - 2) + 1 : Infinity,
      );
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[right.length] ?? Infinity;
}
