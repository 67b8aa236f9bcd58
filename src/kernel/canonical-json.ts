/** Placeholder until the kernel owner lands RFC 8785. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value);
}
