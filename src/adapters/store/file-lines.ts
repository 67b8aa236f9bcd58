import { StateError } from "../../state/errors.ts";
import type { ProjectFiles } from "../../state/project-files.port.ts";

/** One whole line of a file. */
export interface FileLine {
  readonly text: string;
  /** 1-based; counted from where reading began. */
  readonly number: number;
  /** Byte offsets; `end` is behind the line end. */
  readonly start: number;
  readonly end: number;
}

const partBytes = 1024 * 1024;
const maxLineBytes = 64 * 1024 * 1024;
const newline = 0x0a;

/** Lines of a project's file that only grows at its end, read with bounded memory. */
export class FileLines {
  readonly #files: ProjectFiles;
  readonly #project: string;
  readonly #path: string;

  constructor(files: ProjectFiles, project: string, path: string) {
    this.#files = files;
    this.#project = project;
    this.#path = path;
  }

  /** Undefined when the file is not there. */
  async state(): Promise<{ readonly size: number; readonly identity: string } | undefined> {
    return this.#files.readPart(this.#project, this.#path, 0, 0);
  }

  /**
   * Whole lines from an offset (where a line begins) to `end`, by default the end of the file. What
   * follows the last line end was cut short by a crash, or is being written: it is left out.
   */
  async *from(offset: number, end = Number.MAX_SAFE_INTEGER): AsyncGenerator<FileLine> {
    let kept: readonly Uint8Array[] = [];
    let keptBytes = 0;
    let start = offset;
    let number = 0;
    for (let at = offset; at < end;) {
      const part = await this.#part(at, Math.min(partBytes, end - at));
      if (part.length === 0) return;
      at += part.length;
      let from = 0;
      for (let found = part.indexOf(newline); found >= 0; found = part.indexOf(newline, from)) {
        const rest = part.subarray(from, found);
        // Nearly every line lies within one part: no copy is made of it.
        const line = kept.length === 0 ? asBuffer(rest) : Buffer.concat([...kept, rest]);
        kept = [];
        keptBytes = 0;
        from = found + 1;
        number += 1;
        const next = start + line.length + 1;
        yield { text: line.toString("utf8"), number, start, end: next };
        start = next;
      }
      kept = [...kept, part.subarray(from)];
      keptBytes += part.length - from;
      if (keptBytes > maxLineBytes) throw this.#tooLong(start);
    }
  }

  async #part(offset: number, maxBytes: number): Promise<Uint8Array> {
    const part = await this.#files.readPart(this.#project, this.#path, offset, maxBytes);
    return part?.bytes ?? new Uint8Array();
  }

  #tooLong(start: number): StateError {
    const file = `${this.#project}/.autosd/${this.#path}`;
    return new StateError("AUTOSD-STATE-CORRUPT", `${file} has a line at byte ${start} too long.`, {
      remedy: `Move ${file} away, then run again.`,
    });
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
