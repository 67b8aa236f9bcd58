import { sha256 } from "../../kernel/hash.ts";
import { strictUtf8 } from "../../kernel/strict-utf8.ts";
import { cleanText, type CleanText } from "./clean-text.ts";
import type { RequirementsDocument } from "./document.ts";
import { RequirementsError } from "./errors.ts";
import { markdownUnits } from "./markdown-units.ts";

/** Largest requirements file read, in bytes. */
export const maxDocumentBytes = 1024 * 1024;
/** Most sentences that one document may hold. */
export const maxSentences = 5_000;

export interface DocumentInput {
  /** File name, `text` or `stdin`: shown only. */
  readonly source: string;
  readonly bytes: Uint8Array;
}

/**
 * Reads a requirements file: strict UTF-8 (with or without BOM, any line ends), Markdown or plain
 * text, at most `maxDocumentBytes`. Throws RequirementsError for anything that is not a readable text.
 */
export function readDocument(input: DocumentInput): RequirementsDocument {
  const text = decode(input);
  const clean = cleanText(text);
  const units = markdownUnits(clean.text, maxSentences);
  if (units.truncated)
    throw new RequirementsError(
      "AUTOSD-REQUIREMENTS-TOO-LARGE",
      `${input.source} has more than ${maxSentences} sentences`,
    );
  if (units.sentences.length === 0)
    throw new RequirementsError("AUTOSD-REQUIREMENTS-EMPTY", `${input.source} holds no sentences`);
  return {
    source: input.source,
    text,
    digest: sha256(text),
    title: units.title,
    sentences: units.sentences,
    notes: notesOf(clean),
  };
}

function decode({ source, bytes }: DocumentInput): string {
  if (bytes.length > maxDocumentBytes)
    throw new RequirementsError(
      "AUTOSD-REQUIREMENTS-TOO-LARGE",
      `${source} has ${bytes.length} bytes, at most ${maxDocumentBytes} are read`,
    );
  if (bytes.length === 0)
    throw new RequirementsError("AUTOSD-REQUIREMENTS-EMPTY", `${source} is empty`);
  if (bytes.includes(0))
    throw new RequirementsError("AUTOSD-REQUIREMENTS-BINARY", binaryMessage(source, bytes));
  const text = decodeUtf8(source, bytes).replaceAll(/\r\n?/g, "\n");
  if (text.trim() === "")
    throw new RequirementsError("AUTOSD-REQUIREMENTS-EMPTY", `${source} holds white space only`);
  return text;
}

function binaryMessage(source: string, bytes: Uint8Array): string {
  const wide = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  return wide
    ? `${source} is UTF-16 text; UTF-8 is expected`
    : `${source} holds NUL bytes: it is not a text file`;
}

function decodeUtf8(source: string, bytes: Uint8Array): string {
  const text = strictUtf8(bytes, "dropped");
  if (text === undefined)
    throw new RequirementsError("AUTOSD-REQUIREMENTS-ENCODING", `${source} is not valid UTF-8`);
  return text;
}

function notesOf(clean: CleanText): readonly string[] {
  return [
    ...(clean.hiddenCharacters > 0
      ? [`${clean.hiddenCharacters} invisible characters were left out`]
      : []),
    ...(clean.lookAlikes > 0
      ? [`${clean.lookAlikes} words mixed alphabets; their look-alike letters were read as Latin`]
      : []),
  ];
}
