import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import { keepSecret } from "./known-secrets.ts";
import { findSecrets, redactText, redactValue } from "./redaction.ts";

// Looks like no key of anybody: only who was told of it can find it.
const key = ["correct", "horse", "battery", "staple"].join("-");
const taken: (() => void)[] = [];
const keep = (secret: string): void => void taken.push(keepSecret(secret));

afterEach(() => {
  for (const takeBack of taken.splice(0)) takeBack();
});

test("a key is found where it stands, and no longer after it was taken back", () => {
  const text = `before ${key} after`;
  expect(redactText(text)).toBe(text);
  keep(key);
  expect(redactText(text)).toBe("before [redacted:known-secret] after");
  expect(findSecrets(`\n${text}`)).toEqual([
    { rule: "known-secret", line: 2, start: 8, end: 8 + key.length },
  ]);
  expect(redactValue({ error: new Error(text) })).not.toMatchObject({ error: { message: text } });
  taken.pop()?.();
  expect(redactText(text)).toBe(text);
});

test("a key is found as encodings write it", () => {
  keep(`${key}/+=`);
  const bytes = Buffer.from(`${key}/+=`);
  for (const form of [
    bytes.toString("base64"),
    bytes.toString("base64url"),
    bytes.toString("hex"),
    encodeURIComponent(`${key}/+=`),
  ])
    expect(redactText(`"${form}"`)).toMatch(/^"\[redacted:known-secret\]=*"$/);
});

test("every piece of 16 characters of a key is found, whatever stands around it", () => {
  const secrets = fc.string({
    minLength: 16,
    maxLength: 80,
    unit: fc.constantFrom("a", "b", "c", "d", "e", "f"),
  });
  fc.assert(
    fc.property(
      secrets,
      fc.nat(),
      fc.nat(),
      fc.string({ unit: fc.constantFrom("x", "y", " ") }),
      (secret, from, more, around) => {
        const takeBack = keepSecret(secret);
        try {
          const start = from % (secret.length - 15);
          const end = start + 16 + (more % (secret.length - start - 15));
          const piece = secret.slice(start, end);
          expect(redactText(`${around}${piece}${around}`)).toBe(
            `${around}[redacted:known-secret]${around}`,
          );
        } finally {
          takeBack();
        }
      },
    ),
  );
});

test("words that stand for no key are left alone, and so are short pieces", () => {
  keep("ollama");
  keep(key);
  const text = "ollama answers; the battery of a horse is correct-horse";
  expect(redactText(text)).toBe(text);
});
