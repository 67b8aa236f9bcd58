import { sha256 } from "../../kernel/hash.ts";
import { parseLockfile, type LockedPackage } from "./npm-lockfile.ts";
import { packagesOf } from "./python-requirements.ts";

/** What the bill of materials is of. */
export interface SbomSubject {
  readonly name: string;
  readonly version: string;
}

interface Component {
  readonly type: "library";
  readonly "bom-ref": string;
  readonly group?: string;
  readonly name: string;
  readonly version: string;
  readonly scope: "required" | "optional" | "excluded";
  readonly purl: string;
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
  readonly licenses?: readonly object[];
}

const algorithms: Readonly<Record<string, string>> = {
  sha512: "SHA-512",
  sha384: "SHA-384",
  sha256: "SHA-256",
  sha1: "SHA-1",
};

/**
 * CycloneDX 1.6 JSON of a package-lock.json: equal input gives equal text. The serial number comes
 * from the content, and no time is noted. Throws TypeError when the text is no such lockfile.
 */
export function sbomOf(lockfileText: string, subject: SbomSubject): string {
  const lockfile = parseLockfile(lockfileText);
  if (lockfile === undefined) throw new TypeError("not a package-lock.json of version 2 or 3");
  const paths = Object.keys(lockfile.packages)
    .filter((path) => path !== "")
    .sort();
  const components = new Map<string, Component>();
  for (const path of paths) {
    const component = componentOf(path, lockfile.packages[path] ?? {});
    const known = components.get(component["bom-ref"]);
    // One package at several places is one component, needed when one of the places is.
    if (known === undefined || known.scope === "excluded")
      components.set(component["bom-ref"], component);
  }
  const rootRef = purlOf(subject.name, subject.version);
  const content = {
    metadata: {
      component: {
        type: "application",
        "bom-ref": rootRef,
        name: subject.name,
        version: subject.version,
        purl: rootRef,
      },
    },
    components: [...components.values()].sort((a, b) => compare(a["bom-ref"], b["bom-ref"])),
    dependencies: dependenciesOf(lockfile.packages, rootRef),
  };
  return `${JSON.stringify(
    {
      $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
      bomFormat: "CycloneDX",
      specVersion: "1.6",
      serialNumber: serialOf(JSON.stringify(content)),
      version: 1,
      ...content,
    },
    undefined,
    2,
  )}\n`;
}

/** What a lockfile leaves open about its packages; empty when the bill of materials is complete. */
export function sbomProblems(lockfileText: string): {
  readonly problems: readonly string[];
  readonly components: number;
  readonly unlicensed: number;
} {
  const lockfile = parseLockfile(lockfileText);
  if (lockfile === undefined)
    return { problems: ["package-lock.json cannot be read"], components: 0, unlicensed: 0 };
  const entries = Object.entries(lockfile.packages).filter(([path]) => path !== "");
  const problems = entries.flatMap(([path, one]) => {
    if (one.version === undefined) return [`${path} has no version in package-lock.json`];
    if (one.integrity === undefined && one["inBundle"] !== true)
      return [`${path} has no checksum in package-lock.json`];
    return [];
  });
  const root = lockfile.packages[""] ?? {};
  for (const name of Object.keys({ ...root.dependencies, ...root.devDependencies }))
    if (lockfile.packages[`node_modules/${name}`] === undefined)
      problems.push(`${name} is missing from package-lock.json`);
  return {
    problems,
    components: new Set(entries.map(([path, one]) => refOf(path, one))).size,
    unlicensed: entries.filter(([, one]) => typeof one.license !== "string").length,
  };
}

/** The same for pinned Python requirements: what is pinned without a checksum counts as complete. */
export function requirementsProblems(
  text: string,
  constraints = "",
): {
  readonly problems: readonly string[];
  readonly components: number;
} {
  const packages = packagesOf(text);
  const held = packagesOf(constraints);
  const problems = [...packages]
    .filter(([name, line]) => !line.includes("==") && held.get(name)?.includes("==") !== true)
    .map(([name]) => `${name} is not pinned to one version`);
  return { problems, components: packages.size };
}

function componentOf(path: string, locked: LockedPackage): Component {
  const name = nameOf(path, locked);
  const version = locked.version ?? "0.0.0";
  const slash = name.startsWith("@") ? name.indexOf("/") : -1;
  const hashes = hashesOf(locked.integrity);
  return {
    type: "library",
    "bom-ref": purlOf(name, version),
    ...(slash === -1 ? {} : { group: name.slice(0, slash) }),
    name: name.slice(slash + 1),
    version,
    scope: locked.dev === true ? "excluded" : locked.optional === true ? "optional" : "required",
    purl: purlOf(name, version),
    ...(hashes.length === 0 ? {} : { hashes }),
    ...licencesOf(locked.license),
  };
}

function refOf(path: string, locked: LockedPackage): string {
  return purlOf(nameOf(path, locked), locked.version ?? "0.0.0");
}

/** An alias (`npm:other@1`) keeps its true name in the lockfile. */
function nameOf(path: string, locked: LockedPackage): string {
  return locked.name ?? path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
}

function purlOf(name: string, version: string): string {
  const parts = name.split("/").map((part) => encodeURIComponent(part));
  return `pkg:npm/${parts.join("/")}@${encodeURIComponent(version)}`;
}

function hashesOf(
  integrity: string | undefined,
): readonly { readonly alg: string; readonly content: string }[] {
  return (integrity ?? "").split(/\s+/).flatMap((one) => {
    const [, name = "", value = ""] = /^(sha\d+)-([A-Za-z0-9+/=]+)/.exec(one) ?? [];
    const alg = algorithms[name];
    return alg === undefined
      ? []
      : [{ alg, content: Buffer.from(value, "base64").toString("hex") }];
  });
}

function licencesOf(license: unknown): { readonly licenses?: readonly object[] } {
  if (typeof license !== "string" || license === "") return {};
  // One identifier or an expression of several; anything else is a name in words.
  if (/^[A-Za-z0-9.+-]+$/.test(license)) return { licenses: [{ license: { id: license } }] };
  if (/^[A-Za-z0-9.+()\s-]+$/.test(license) && /\b(?:AND|OR|WITH)\b/.test(license))
    return { licenses: [{ expression: license }] };
  return { licenses: [{ license: { name: license } }] };
}

function dependenciesOf(
  packages: Readonly<Record<string, LockedPackage>>,
  rootRef: string,
): readonly { readonly ref: string; readonly dependsOn: readonly string[] }[] {
  const edges = new Map<string, Set<string>>();
  for (const [path, one] of Object.entries(packages)) {
    const ref = path === "" ? rootRef : refOf(path, one);
    const own = edges.get(ref) ?? new Set<string>();
    const wanted = {
      ...one.dependencies,
      ...one.optionalDependencies,
      ...one.peerDependencies,
      ...(path === "" ? one.devDependencies : {}),
    };
    for (const name of Object.keys(wanted)) {
      const target = resolve(packages, path, name);
      if (target !== undefined) own.add(refOf(target, packages[target] ?? {}));
    }
    edges.set(ref, own);
  }
  return [...edges]
    .map(([ref, targets]) => ({ ref, dependsOn: [...targets].sort(compare) }))
    .sort((a, b) => compare(a.ref, b.ref));
}

/** As Node looks for it: the nearest `node_modules` on the way up. */
function resolve(
  packages: Readonly<Record<string, LockedPackage>>,
  from: string,
  name: string,
): string | undefined {
  let folder = from;
  for (;;) {
    const path = folder === "" ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (packages[path] !== undefined) return path;
    if (folder === "") return undefined;
    const up = folder.lastIndexOf("/node_modules/");
    folder = up === -1 ? "" : folder.slice(0, up);
  }
}

/** A UUID made of the content's digest (version 8: by a scheme of one's own). */
function serialOf(content: string): string {
  const hex = sha256(content).slice("sha256:".length);
  return `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
