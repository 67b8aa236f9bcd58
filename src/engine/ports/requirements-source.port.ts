import type { RequirementsInput } from "../requirements-input.ts";

/** Reads what the user named. A missing or unreadable file is an AutosdError; content is judged elsewhere. */
export interface RequirementsSource {
  read(input: RequirementsInput): Promise<{ readonly source: string; readonly bytes: Uint8Array }>;
}
