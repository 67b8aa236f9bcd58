/** What is wrong with a policy, where it stands. */
export interface PolicyFinding {
  /** Path as people know it, or the name of a layer. */
  readonly file: string;
  /** From 1; absent when the file as a whole is meant. */
  readonly line?: number;
  readonly column?: number;
  /** Without the place, a sentence without its full stop. */
  readonly message: string;
  /** The name that was probably meant. */
  readonly suggestion?: string;
}

/** `policy.json:3:5: message`, as editors read it. */
export function findingText(finding: PolicyFinding): string {
  const { file, line, column, message } = finding;
  const place = line === undefined ? file : `${file}:${line}:${column ?? 1}`;
  return `${place}: ${message}`;
}
