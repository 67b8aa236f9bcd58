/** Where a version of a prompt template stands; what comes with the package is never written to. */
export const templateScopes = ["project", "home", "package"] as const;
export type TemplateScope = (typeof templateScopes)[number];

/** Which version of a template, of whose. */
export interface TemplateId {
  /** `implement`. */
  readonly name: string;
  readonly version: number;
  readonly scope: TemplateScope;
  /** First 12 hex digits of the digest of its file; undefined for the package's, which never change. */
  readonly digest: string | undefined;
}

const written = /^([a-z][a-z-]{0,40})@([1-9]\d{0,5})(?:\+(home|project)\.([0-9a-f]{12}))?$/;
const shownDigits = 12;

/** `implement@1` for the package's, `implement@2+home.1a2b3c4d5e6f` for one that was written later. */
export function templateId(of: {
  readonly name: string;
  readonly version: number;
  readonly scope: TemplateScope;
  /** `sha256:...` of the file. */
  readonly digest: string;
}): string {
  const plain = `${of.name}@${of.version}`;
  if (of.scope === "package") return plain;
  return `${plain}+${of.scope}.${of.digest.replace("sha256:", "").slice(0, shownDigits)}`;
}

/** Undefined for what is no id of a template. */
export function parseTemplateId(text: string): TemplateId | undefined {
  const [, name, version, scope, digest] = written.exec(text) ?? [];
  if (name === undefined || version === undefined) return undefined;
  const at = templateScopes.find((one) => one === scope) ?? "package";
  return { name, version: Number(version), scope: at, digest };
}
