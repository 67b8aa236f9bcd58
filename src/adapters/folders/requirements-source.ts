import { open } from "node:fs/promises";
import type { Readable } from "node:stream";
import { RequirementsError } from "../../delivery/requirements/errors.ts";
import type { RequirementsSource } from "../../engine/ports/requirements-source.port.ts";
import { fileReason } from "../../machine/error-code.ts";

/** One byte more than the largest document: enough to know that it is too large. */
const maxBytes = 1024 * 1024 + 1;

/** Files, `-` for standard input, and text from the command line. Reads at most 1 MiB and a byte. */
export function createRequirementsSource(stdin: Readable): RequirementsSource {
  return {
    async read(input) {
      switch (input.kind) {
        case "text":
          return { source: "text", bytes: Buffer.from(input.text, "utf8") };
        case "stdin":
          return { source: "stdin", bytes: await readBounded(stdin) };
        case "file":
          return { source: baseName(input.path), bytes: await readFileBounded(input.path) };
      }
    },
  };
}

async function readFileBounded(path: string): Promise<Uint8Array> {
  try {
    const handle = await open(path, "r");
    try {
      if ((await handle.stat()).isDirectory())
        throw new RequirementsError(
          "AUTOSD-REQUIREMENTS-MISSING",
          `${path} is a folder, not a requirements file`,
        );
      const buffer = Buffer.alloc(maxBytes);
      let filled = 0;
      while (filled < maxBytes) {
        // From where the last read ended: a pipe knows no other place.
        const { bytesRead } = await handle.read(buffer, filled, maxBytes - filled, null);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return buffer.subarray(0, filled);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof RequirementsError) throw error;
    throw new RequirementsError(
      "AUTOSD-REQUIREMENTS-MISSING",
      `the requirements file ${path} cannot be read: ${fileReason(error)}`,
      { cause: error },
    );
  }
}

async function readBounded(stream: Readable): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    chunks.push(bytes);
    size += bytes.length;
    if (size >= maxBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, maxBytes);
}

function baseName(path: string): string {
  return path.split("/").at(-1) ?? path;
}
