/** A piece of source text whose line breaks are chosen when it is printed, as a formatter would choose them. */
export type Doc = string | readonly Doc[] | Node;

interface Node {
  readonly kind: "group" | "indent" | "line" | "soft-line" | "hard-line" | "if-broken" | "choice";
  readonly content: Doc;
  /** A group that never fits on one line. */
  readonly broken: boolean;
  /** What a choice takes when its content does not fit as far as its first line break. */
  readonly otherwise: Doc;
  /** Told once, when it is made: asking all that is below again at each level would be quadratic. */
  readonly breaks: boolean;
}

function node(kind: Node["kind"], content: Doc = "", broken = false, otherwise: Doc = ""): Node {
  const breaks = kind === "hard-line" || broken || hasHardBreak(content);
  return { kind, content, broken, otherwise, breaks };
}

/** A space, or a new line when the group around it does not fit. */
export const line: Doc = node("line");
/** Nothing, or a new line when the group around it does not fit. */
export const softLine: Doc = node("soft-line");
export const hardLine: Doc = node("hard-line");

/** Printed on one line when it fits, else all of its own lines are broken. */
export function group(content: Doc): Doc {
  return node("group", content);
}

/** A group that is always broken. */
export function expanded(content: Doc): Doc {
  return node("group", content, true);
}

export function indent(content: Doc): Doc {
  return node("indent", content);
}

/** `flat` when it fits on the line, else `preferred` when its first line does, else `otherwise`. */
export function choice(flat: Doc, preferred: Doc, otherwise: Doc): Doc {
  return node("choice", flat, false, node("choice", preferred, true, otherwise));
}

/** Text that stands only in a broken group, such as a trailing comma. */
export function ifBroken(content: Doc): Doc {
  return node("if-broken", content);
}

/** Docs with a separator between each two. */
export function join(separator: Doc, docs: readonly Doc[]): Doc {
  return docs.flatMap((doc, index) => (index === 0 ? [doc] : [separator, doc]));
}

/** Statements or members, one a line. */
export function lines(docs: readonly Doc[]): Doc {
  return join(hardLine, docs);
}

interface Task {
  readonly doc: Doc;
  readonly depth: number;
  readonly flat: boolean;
}

const indentWidth = 2;

function isNode(doc: Doc): doc is Node {
  return typeof doc === "object" && "kind" in doc;
}

function hasHardBreak(doc: Doc): boolean {
  if (typeof doc === "string") return doc.includes("\n");
  return isNode(doc) ? doc.breaks : doc.some(hasHardBreak);
}

/** The first part is the next to be taken. */
function pushParts(pending: Task[], parts: readonly Doc[], depth: number, flat: boolean): void {
  for (let at = parts.length - 1; at >= 0; at -= 1) {
    const doc = parts[at];
    if (doc !== undefined) pending.push({ doc, depth, flat });
  }
}

/** Whether the tasks, in order, reach a line break before `room` columns are used up. */
function fits(first: Task, rest: readonly Task[], room: number): boolean {
  // What comes after is mostly not looked at, and is never copied.
  const pending: Task[] = [first];
  let next = rest.length;
  const taken = (): Task | undefined => pending.pop() ?? rest[(next -= 1)];
  let left = room;
  for (let task = taken(); task !== undefined; task = taken()) {
    const { doc, depth, flat } = task;
    if (typeof doc === "string") {
      const end = doc.indexOf("\n");
      left -= end < 0 ? doc.length : end;
      if (left < 0) return false;
      if (end >= 0) return true;
    } else if (!isNode(doc)) {
      pushParts(pending, doc, depth, flat);
    } else if (doc.kind === "hard-line") return true;
    else if (doc.kind === "line" || doc.kind === "soft-line") {
      if (!flat) return true;
      left -= doc.kind === "line" ? 1 : 0;
      if (left < 0) return false;
    } else if (doc.kind === "choice") pending.push({ doc: doc.content, depth, flat });
    else if (doc.kind !== "if-broken" || !flat)
      pending.push({ doc: doc.content, depth, flat: flat && !doc.broken });
  }
  return true;
}

/** The text of a doc with a final new line; no line is longer than `width` where a break could help. */
export function print(doc: Doc, width: number): string {
  const pending: Task[] = [{ doc, depth: 0, flat: false }];
  // Kept apart from what is finished: each look at a long text costs as much as it is long.
  const finished: string[] = [];
  let text = "";
  let column = 0;
  for (let task = pending.pop(); task !== undefined; task = pending.pop()) {
    const { doc: now, depth, flat } = task;
    if (typeof now === "string") {
      text += now;
      const end = now.lastIndexOf("\n");
      column = end < 0 ? column + now.length : now.length - end - 1;
    } else if (!isNode(now)) {
      pushParts(pending, now, depth, flat);
    } else if (now.kind === "hard-line" || (isBreak(now) && !flat)) {
      finished.push(text);
      column = depth * indentWidth;
      text = " ".repeat(column);
    } else if (isBreak(now)) {
      text += now.kind === "line" ? " " : "";
      column += now.kind === "line" ? 1 : 0;
    } else if (now.kind === "indent") pending.push({ doc: now.content, depth: depth + 1, flat });
    else if (now.kind === "group") {
      const one: Task = { doc: now.content, depth, flat: true };
      const flatNow = !hasHardBreak(now) && (flat || fits(one, pending, width - column));
      pending.push({ doc: now.content, depth, flat: flatNow });
    } else if (now.kind === "choice")
      pending.push(chosen(now, { depth, flat }, pending, width - column));
    else if (!flat) pending.push({ doc: now.content, depth, flat });
  }
  const whole = [...finished, text].join("\n");
  return `${whole.replace(/ +$/gm, "").trimEnd()}\n`;
}

/** The alternative of a choice that is printed. */
function chosen(
  now: Node,
  at: { readonly depth: number; readonly flat: boolean },
  rest: readonly Task[],
  room: number,
): Task {
  const { depth } = at;
  const asOneLine: Task = { doc: now.content, depth, flat: !now.broken };
  if (at.flat && !now.broken) return asOneLine;
  const takes = (now.broken || !hasHardBreak(now.content)) && fits(asOneLine, rest, room);
  return takes ? asOneLine : { doc: now.otherwise, depth, flat: false };
}

function isBreak(one: Node): boolean {
  return one.kind === "line" || one.kind === "soft-line";
}
