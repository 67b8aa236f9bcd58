/** A call that a README shows. */
export interface ReadmeCall {
  readonly command: string;
  /** First segment of the path: `bookmarks`. */
  readonly collection: string;
  readonly method: string;
  /** Makes the record that `$ID` stands for. */
  readonly creates: boolean;
}

/** The calls in the fenced `sh` blocks of a README, in their order. */
export function curlCalls(readme: string): readonly ReadmeCall[] {
  return [...readme.matchAll(/^```sh\n([^]*?)^```$/gm)]
    .flatMap((block) => (block[1] ?? "").split("\n"))
    .filter((line) => /(?:^|\| )curl /.test(line))
    .map((command) => {
      const path = /http:\/\/127\.0\.0\.1:8080(\/[^\s"]*)/.exec(command)?.[1] ?? "";
      const segments = path.split("/").slice(1);
      const method = /-X (\w+)/.exec(command)?.[1] ?? "GET";
      const creates = method === "POST" && segments.length === 1;
      return { command, collection: segments[0] ?? "", method, creates };
    });
}

/** What makes records first, what removes them last. */
export function inOrderOfUse(calls: readonly ReadmeCall[]): readonly ReadmeCall[] {
  const rank = ({ creates, method }: ReadmeCall): number =>
    creates ? 0 : method === "DELETE" ? 2 : 1;
  return [...calls].sort((a, b) => rank(a) - rank(b));
}
