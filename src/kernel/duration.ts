const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** A number and its unit; at most 12 digits, so that the match costs the same for any text. */
const part = /(\d{1,12}(?:\.\d{1,6})?) ?(ms|s|m|h|d) ?/y;

/**
 * Milliseconds of `250ms`, `1.2s`, `1.2 s`, `2m05s`, `1h 30m`: units in falling order, each once.
 * Undefined when the text is not a duration. A number without a unit is not one.
 */
export function parseDuration(text: string): number | undefined {
  const trimmed = text.trim();
  if (trimmed.length === 0 || trimmed.length > 64) return undefined;
  let totalMs = 0;
  let lastUnitMs = Number.POSITIVE_INFINITY;
  let position = 0;
  while (position < trimmed.length) {
    part.lastIndex = position;
    const match = part.exec(trimmed);
    const [whole, amount, unit] = match ?? [];
    if (whole === undefined || amount === undefined || !isUnit(unit)) return undefined;
    if (unitMs[unit] >= lastUnitMs) return undefined;
    lastUnitMs = unitMs[unit];
    totalMs += Number(amount) * unitMs[unit];
    position += whole.length;
  }
  return Number.isSafeInteger(Math.round(totalMs)) ? Math.round(totalMs) : undefined;
}

function isUnit(text: string | undefined): text is keyof typeof unitMs {
  return text !== undefined && Object.hasOwn(unitMs, text);
}

/**
 * For people: `250ms`, `1.2s`, `42s`, `2m05s`, `1h02m`, `3d04h`. Two units at most, rounded, never
 * `60s`. Negative or not finite: `0ms`.
 */
export function formatDuration(durationMs: number): string {
  const ms = Number.isFinite(durationMs) ? Math.max(0, Math.round(durationMs)) : 0;
  if (ms < 1_000) return `${ms}ms`;
  if (Math.round(ms / 100) < 100) return `${(Math.round(ms / 100) / 10).toFixed(1)}s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3_600) return two(seconds, 60, "m", "s");
  const minutes = Math.round(seconds / 60);
  if (minutes < 1_440) return two(minutes, 60, "h", "m");
  return two(Math.round(minutes / 60), 24, "d", "h");
}

function two(amount: number, perLarge: number, large: string, small: string): string {
  const rest = String(amount % perLarge).padStart(2, "0");
  return `${Math.floor(amount / perLarge)}${large}${rest}${small}`;
}
