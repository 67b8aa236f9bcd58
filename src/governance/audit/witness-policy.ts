import { publicJwkOf } from "../keys/public-key.ts";
import { type NoteKey, type NoteType, noteTypes, parseVkey } from "./signed-note.ts";
import { witnessAddress } from "./witness-address.ts";
import type { QuorumRule, Witness, WitnessPolicy } from "./witness-quorum.ts";

export type ParsedWitnessPolicy =
  | { readonly kind: "policy"; readonly policy: WitnessPolicy }
  /** `line` counts from 1. */
  | { readonly kind: "refused"; readonly line: number; readonly message: string };

export const maxWitnessPolicyBytes = 64 * 1024;
/** Witnesses, and as many logs and groups; a note has room for their cosignatures. */
const maxOfAKind = 50;
const whiteSpace = /[ \t]+/;
/** Of octets read as Latin-1. */
const forbidden = /[^\t\u0020-\u007e\u0080-\u00ff]/;
const countPattern = /^[1-9][0-9]{0,3}$/;

const shapes = {
  log: "log <vkey> [<url>]",
  witness: "witness <name> <vkey> [<url>]",
  group: "group <name> all|any|<number> <member>...",
  quorum: "quorum <name>|none",
} as const;

/**
 * The policy in a C2SP tlog-policy file. Strict: one problem refuses the whole, with its line and
 * what is expected there. Witnesses have Ed25519 keys (type 4), logs Ed25519 keys (type 1).
 */
export function parseWitnessPolicy(bytes: Uint8Array): ParsedWitnessPolicy {
  if (bytes.length > maxWitnessPolicyBytes)
    return refusedAt(1, `the file has more than ${maxWitnessPolicyBytes} bytes`);
  // Octets above ASCII are opaque: names that differ in one of them are different names.
  const lines = Buffer.from(bytes).toString("latin1").split("\n");
  const reading = new PolicyReading();
  const rest = lines.pop();
  for (const [index, line] of lines.entries()) {
    const problem = reading.take(line);
    if (problem !== undefined) return refusedAt(index + 1, problem);
  }
  if (rest !== "")
    return refusedAt(lines.length + 1, "the line does not end with a newline; it may be cut off");
  const policy = reading.policy();
  return policy === undefined
    ? refusedAt(lines.length, `there is no line "${shapes.quorum}"`)
    : { kind: "policy", policy };
}

function refusedAt(line: number, message: string): ParsedWitnessPolicy {
  return { kind: "refused", line: Math.max(1, line), message };
}

/** Reads line by line; each method returns what is wrong with one. Names are octets in Latin-1. */
class PolicyReading {
  readonly #logs: NoteKey[] = [];
  readonly #witnesses: Witness[] = [];
  readonly #defined = new Map<string, QuorumRule>();
  readonly #members = new Set<string>();
  /** Keys that stand in the file, whatever their name. */
  readonly #keys = new Set<string>();
  #groups = 0;
  #quorum: QuorumRule | undefined;

  /** Undefined as long as no quorum was read. */
  policy(): WitnessPolicy | undefined {
    const quorum = this.#quorum;
    return quorum && { logs: this.#logs, witnesses: this.#witnesses, quorum };
  }

  take(line: string): string | undefined {
    if (line.endsWith("\r")) return "the line ends with a carriage return; only a newline may";
    if (forbidden.test(line)) return "there is a control character";
    const [keyword = "", ...items] = line.split(whiteSpace).filter((item) => item !== "");
    if (keyword === "" || keyword.startsWith("#")) return undefined;
    switch (keyword) {
      case "log":
        return this.#takeLog(items);
      case "witness":
        return this.#takeWitness(items);
      case "group":
        return this.#takeGroup(items);
      case "quorum":
        return this.#takeQuorum(items);
      default:
        return `"${textOf(keyword)}" is not known; expected log, witness, group or quorum`;
    }
  }

  #takeLog(items: readonly string[]): string | undefined {
    const [vkey, , ...more] = items;
    if (vkey === undefined || more.length > 0) return `expected "${shapes.log}"`;
    if (this.#logs.length >= maxOfAKind) return `more than ${maxOfAKind} logs`;
    const key = this.#newKey(vkey, noteTypes.note);
    if (typeof key === "string") return key;
    this.#logs.push(key);
    return undefined;
  }

  #takeWitness(items: readonly string[]): string | undefined {
    const [name, vkey, address, ...more] = items;
    if (name === undefined || vkey === undefined || more.length > 0)
      return `expected "${shapes.witness}"`;
    if (this.#witnesses.length >= maxOfAKind) return `more than ${maxOfAKind} witnesses`;
    const taken = this.#takenName(name);
    if (taken !== undefined) return taken;
    const url = address === undefined ? undefined : witnessAddress(textOf(address));
    if (url?.kind === "refused") return `the address ${textOf(address ?? "")} ${url.message}`;
    const key = this.#newKey(vkey, noteTypes.cosignature);
    if (typeof key === "string") return key;
    const witness = { name: textOf(name), key, url: url?.url };
    this.#witnesses.push(witness);
    this.#defined.set(name, { kind: "witness", witness });
    return undefined;
  }

  #takeGroup(items: readonly string[]): string | undefined {
    const [name, count, ...names] = items;
    if (name === undefined || count === undefined || names.length === 0)
      return `expected "${shapes.group}"`;
    if (this.#groups >= maxOfAKind) return `more than ${maxOfAKind} groups`;
    const taken = this.#takenName(name);
    if (taken !== undefined) return taken;
    const need = needOf(count, names.length);
    if (need === undefined)
      return `expected all, any or a number from 1 to ${names.length} instead of "${textOf(count)}"`;
    const members: QuorumRule[] = [];
    for (const member of names) {
      const rule = this.#defined.get(member);
      if (rule === undefined) return notDefined(member);
      if (this.#members.has(member))
        return `"${textOf(member)}" is a member already; it can count once only`;
      this.#members.add(member);
      members.push(rule);
    }
    this.#groups += 1;
    this.#defined.set(name, { kind: "group", name: textOf(name), need, members });
    return undefined;
  }

  #takeQuorum(items: readonly string[]): string | undefined {
    const [name, ...more] = items;
    if (name === undefined || more.length > 0) return `expected "${shapes.quorum}"`;
    if (this.#quorum !== undefined) return "there is a quorum already; expected one";
    this.#quorum = name === "none" ? { kind: "none" } : this.#defined.get(name);
    return this.#quorum === undefined ? notDefined(name) : undefined;
  }

  #takenName(name: string): string | undefined {
    if (name === "none") return '"none" is the name of no quorum at all; expected another name';
    return this.#defined.has(name) ? `"${textOf(name)}" is defined already` : undefined;
  }

  /** The key of a vkey, or what is wrong with it. */
  #newKey(octets: string, type: NoteType): NoteKey | string {
    const key = parseVkey(textOf(octets), type);
    if (key === undefined) return wrongKey(textOf(octets), type);
    if (publicJwkOf(key.publicKey).kind === "refused")
      return "the key is a weak one: anybody can sign for it";
    const bytes = Buffer.from(key.publicKey).toString("hex");
    if (this.#keys.has(bytes)) return "the key stands in the file already";
    this.#keys.add(bytes);
    return key;
  }
}

function needOf(count: string, members: number): number | undefined {
  if (count === "all") return members;
  if (count === "any") return 1;
  const need = countPattern.test(count) ? Number(count) : 0;
  return need >= 1 && need <= members ? need : undefined;
}

function notDefined(name: string): string {
  return name === "none"
    ? '"none" can be no member'
    : `"${textOf(name)}" is not defined on a line before`;
}

function wrongKey(vkey: string, type: NoteType): string {
  const expected = type === noteTypes.note ? "a log's verifier key" : "a witness's verifier key";
  const found = Object.values(noteTypes).find((one) => parseVkey(vkey, one) !== undefined);
  if (found !== undefined)
    return type === noteTypes.note
      ? "the key is a witness's (type 4); expected a log's (type 1)"
      : "the key is a log's (type 1); expected a witness's (type 4, Ed25519 cosignatures)";
  return `expected ${expected}: <name>+<id>+<base64 of type ${type} and 32 bytes, Ed25519>`;
}

/** Latin-1 octets as the text that they are. */
function textOf(octets: string): string {
  return Buffer.from(octets, "latin1").toString("utf8");
}
