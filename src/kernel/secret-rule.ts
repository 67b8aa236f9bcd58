/** A piece of text by the positions of its UTF-16 code units; `end` is exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** One kind of secret. `find` takes time proportional to the text, whatever the text is. */
export interface SecretRule {
  /** Kebab-case; what `[redacted:<id>]` and gate findings show. */
  readonly id: string;
  readonly title: string;
  /** The secret itself, without the name or the quotes around it; in order, without overlap. */
  readonly find: (text: string) => Iterable<Span>;
}

export interface PatternRule {
  readonly id: string;
  readonly title: string;
  /** One of these is in every match, so that most texts are left without trying the pattern. */
  readonly markers: readonly string[];
  /**
   * With the flags g and d. The group `secret` is the secret; without it the whole match is. Every
   * repetition is bounded or stands at the end: a pattern may not backtrack over the text.
   */
  readonly pattern: RegExp;
  /** False for a match that is no secret: a placeholder, an example of a manual. */
  readonly accept?: (secret: string) => boolean;
}

/** A rule that is a regular expression and a check of what it matched. */
export function patternRule(rule: PatternRule): SecretRule {
  return {
    id: rule.id,
    title: rule.title,
    find: (text) => findPattern(rule, text),
  };
}

function* findPattern(rule: PatternRule, text: string): Iterable<Span> {
  if (!rule.markers.some((marker) => text.includes(marker))) return;
  for (const match of text.matchAll(rule.pattern)) {
    const named = match.indices?.groups?.["secret"];
    const [start, end] = named ?? [match.index, match.index + match[0].length];
    if (rule.accept?.(text.slice(start, end)) ?? true) yield { start, end };
  }
}

const placeholder =
  /example|placeholder|change[-_]?me|dummy|sample|fake|your[-_]|test|redacted|x{4}|0123456|1234567|abcdefg|\.\.\.|\*{3}/i;

/** At least `minimum` different characters: `ghp_xxxxxxxx` and `AKIA0000` are no keys. */
export function varied(secret: string, minimum: number): boolean {
  return new Set(secret).size >= minimum;
}

/**
 * Whether a value under a telling name looks generated rather than written: hexadecimal of 128 bits
 * or more, or lower case, upper case and digits mixed. Identifiers, words and UUIDs do not.
 */
export function looksGenerated(secret: string): boolean {
  if (placeholder.test(secret)) return false;
  const count = (pattern: RegExp): number => secret.match(pattern)?.length ?? 0;
  const digits = count(/\d/g);
  if (/^[0-9a-f]{32,}$/i.test(secret))
    return digits >= 4 && secret.length - digits >= 4 && varied(secret, 8);
  return digits >= 2 && count(/[A-Z]/g) >= 2 && count(/[a-z]/g) >= 2 && varied(secret, 12);
}
