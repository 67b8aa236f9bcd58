import { ed25519 } from "@noble/curves/ed25519.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatVkey, noteKey, noteTypes } from "./signed-note.ts";
import { isQuorum, missingQuorum, type Witness, type WitnessPolicy } from "./witness-quorum.ts";
import { parseWitnessPolicy } from "./witness-policy.ts";

const keyOf = (index: number) => ed25519.getPublicKey(new Uint8Array(32).fill(index));
const witnessKey = (index: number, name = `w.example/${index}`) =>
  formatVkey(noteKey(name, keyOf(index), noteTypes.cosignature), noteTypes.cosignature);
const logKey = (index: number) => formatVkey(noteKey(`log.example/${index}`, keyOf(index)));

const parse = (text: string) => parseWitnessPolicy(Buffer.from(text, "utf8"));

function policyOf(text: string): WitnessPolicy {
  const parsed = parse(text);
  if (parsed.kind === "refused") throw new Error(`line ${parsed.line}: ${parsed.message}`);
  return parsed.policy;
}

function seenBy(policy: WitnessPolicy, ...names: readonly string[]): ReadonlySet<Witness> {
  return new Set(policy.witnesses.filter(({ name }) => names.includes(name)));
}

/** Two of X and one of Y, as in the example of the specification. */
const example = `log ${logKey(9)}

 # the first organization
witness X1 ${witnessKey(1)}
\twitness  X2 ${witnessKey(2)} https://x2.example/w/
witness X3 ${witnessKey(3)} http://127.0.0.1:8080
group X-witnesses 2 X1 X2 X3
witness Y1 ${witnessKey(4)}
witness Y2 ${witnessKey(5)}
group Y-witnesses any Y1 Y2
group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
`;

describe("the rule of a policy", () => {
  it("is met by what the specification's example asks for, and by nothing less", () => {
    const policy = policyOf(example);
    expect(policy.witnesses.map(({ url }) => url)).toEqual([
      ...[undefined, "https://x2.example/w", "http://127.0.0.1:8080", undefined, undefined],
    ]);
    const met = (...names: string[]) => isQuorum(policy.quorum, seenBy(policy, ...names));
    expect(met("X1", "X3", "Y2")).toBe(true);
    expect(met("X1", "X2", "X3")).toBe(false);
    expect(met("X1", "Y1", "Y2")).toBe(false);
    expect(met()).toBe(false);
    expect(missingQuorum(policy.quorum, seenBy(policy, "X1", "Y1"))).toBe(
      "1 of X-witnesses (X2, X3)",
    );
    expect(missingQuorum(policy.quorum, seenBy(policy, "X1", "X2", "Y1"))).toBeUndefined();
  });

  it("names something missing exactly when it is not met, and more witnesses never unmeet it", () => {
    const policy = policyOf(example);
    const names = policy.witnesses.map(({ name }) => name);
    fc.assert(
      fc.property(fc.subarray(names), fc.subarray(names), (some, more) => {
        const seen = seenBy(policy, ...some);
        const isMet = isQuorum(policy.quorum, seen);
        expect(missingQuorum(policy.quorum, seen) === undefined).toBe(isMet);
        if (isMet) expect(isQuorum(policy.quorum, seenBy(policy, ...some, ...more))).toBe(true);
      }),
    );
  });

  it("may ask for nobody", () => {
    expect(isQuorum(policyOf("quorum none\n").quorum, new Set())).toBe(true);
  });
});

const w1 = `witness a ${witnessKey(1)}\n`;
const w2 = `witness b ${witnessKey(2)}\n`;
const weak = noteKey("weak", new Uint8Array(32), noteTypes.cosignature);
const refusals: readonly (readonly [string, number, string])[] = [
  ["", 1, 'there is no line "quorum'],
  [w1, 1, 'there is no line "quorum'],
  ["quorum a\n", 1, '"a" is not defined on a line before'],
  [`quorum a\n${w1}`, 1, '"a" is not defined'],
  [`${w1}quorum a\nquorum a\n`, 3, "there is a quorum already"],
  [`${w1}quorum a b\n`, 2, 'expected "quorum <name>|none"'],
  [`${w1}${w1}quorum a\n`, 2, '"a" is defined already'],
  [`${w1}witness b ${witnessKey(1, "w.example/renamed")}\nquorum a\n`, 2, "stands in the file"],
  [`witness none ${witnessKey(1)}\nquorum none\n`, 1, '"none" is the name'],
  [`${w1}group g any none\nquorum g\n`, 2, '"none" can be no member'],
  [`${w1}group g all h\nquorum g\n`, 2, '"h" is not defined'],
  [`${w1}group g all g\nquorum g\n`, 2, '"g" is not defined'],
  [`${w1}${w2}group g 3 a b\nquorum g\n`, 3, "a number from 1 to 2"],
  [`${w1}group g 0 a\nquorum g\n`, 2, "a number from 1 to 1"],
  [`${w1}group g 01 a\nquorum g\n`, 2, "a number from 1 to 1"],
  [`${w1}group g all\nquorum g\n`, 2, 'expected "group'],
  [`${w1}group g all a a\nquorum g\n`, 2, "can count once only"],
  [`${w1}group g all a\ngroup h all a\nquorum h\n`, 3, "can count once only"],
  [`${w1}quorums a\n`, 2, "expected log, witness, group or quorum"],
  [`${w1}quorum a`, 2, "does not end with a newline"],
  ["quorum none\r\n", 1, "carriage return"],
  ["quorum\u0007 none\n", 1, "control character"],
  ["quorum\u007f none\n", 1, "control character"],
  [`witness a ${logKey(1)}\nquorum a\n`, 1, "the key is a log's"],
  [`log ${witnessKey(1)}\nquorum none\n`, 1, "the key is a witness's"],
  [`witness a nonsense\nquorum a\n`, 1, "expected a witness's verifier key"],
  [`witness a ${formatVkey(weak, noteTypes.cosignature)}\nquorum a\n`, 1, "weak"],
  [`log ${logKey(1)}\n${w1}quorum a\n`, 2, "stands in the file"],
  [`witness a ${witnessKey(1)} http://witness.example\nquorum a\n`, 1, "must begin with https"],
  [`witness a ${witnessKey(1)} ftp://127.0.0.1\nquorum a\n`, 1, "must begin with https"],
  [`witness a ${witnessKey(1)} https://me:pw@w.example\nquorum a\n`, 1, "a name or a password"],
  [`witness a ${witnessKey(1)} https://w.example/?x\nquorum a\n`, 1, "a query"],
  [`witness a ${witnessKey(1)} w.example\nquorum a\n`, 1, "is not an address"],
  [`witness a ${witnessKey(1)} https://w.example more\nquorum a\n`, 1, 'expected "witness'],
];

describe("a policy that is not valid", () => {
  it.each(refusals)("%j is refused in line %i: %s", (text, line, message) => {
    const parsed = parse(text);
    expect(parsed).toMatchObject({ kind: "refused", line });
    expect(parsed.kind === "refused" && parsed.message).toContain(message);
  });

  it("has at most 50 witnesses", () => {
    const many = Array.from({ length: 51 }, (_, index) => `witness w${index} ${witnessKey(index)}`);
    expect(parse(`${many.join("\n")}\n`)).toMatchObject({ kind: "refused", line: 51 });
    expect(policyOf(`${many.slice(0, 50).join("\n")}\nquorum w0\n`).witnesses.length).toBe(50);
  });

  it("is refused or read, whatever the bytes", () => {
    const word = fc.constantFrom(
      "log",
      "witness",
      "group",
      "quorum",
      "a",
      "all",
      "1",
      w1,
      "\n",
      "é",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.array(word).map((all) => Buffer.from(all.join(" "))),
        ),
        (bytes) => {
          expect(["policy", "refused"]).toContain(parseWitnessPolicy(bytes).kind);
        },
      ),
    );
  });

  it("keeps names apart that differ in octets which are no text", () => {
    const line = (octet: number, key: number) =>
      Buffer.concat([
        Buffer.from("witness "),
        Uint8Array.of(octet),
        Buffer.from(` ${witnessKey(key)}\n`),
      ]);
    const text = Buffer.concat([line(0xff, 1), line(0xfe, 2), Buffer.from("quorum none\n")]);
    expect(parseWitnessPolicy(text)).toMatchObject({ kind: "policy" });
    const twice = Buffer.concat([line(0xff, 1), line(0xff, 2), Buffer.from("quorum none\n")]);
    expect(parseWitnessPolicy(twice)).toMatchObject({ kind: "refused", line: 2 });
  });
});
