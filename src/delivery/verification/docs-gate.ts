import { ownJudgement, type Judgement } from "./evidence.ts";
import { parsePackageJson } from "./package-json.ts";
import type { ProjectSnapshot } from "./project-snapshot.ts";

const readmes = ["README.md", "readme.md", "Readme.md", "README", "README.rst"];
const openApiFiles = /^(?:.*\/)?openapi\.(json|ya?ml)$/;
const maxDocuments = 500;

/** A README that says how to start, commands in it that exist, links that lead somewhere, an OpenAPI document that is one. */
export async function judgeDocs(snapshot: ProjectSnapshot): Promise<Judgement> {
  const readme = readmes.find((name) => snapshot.paths.includes(name));
  const problems: string[] = [];
  if (readme === undefined) problems.push("there is no README.md");
  else problems.push(...(await startProblems(snapshot, readme)));
  const documents = snapshot.paths.filter((path) => path.endsWith(".md")).slice(0, maxDocuments);
  const paths = new Set(snapshot.paths);
  for (const path of documents) {
    const text = await snapshot.readText(path);
    if (text !== undefined) problems.push(...linkProblems(path, text, paths));
  }
  const described = snapshot.paths.filter(
    (path) => openApiFiles.test(path) && !path.startsWith("test/"),
  );
  for (const path of described) problems.push(...(await openApiProblems(snapshot, path)));
  const more = described.length > 0 ? ", the OpenAPI document is readable" : "";
  return ownJudgement("docs", problems, `README, its commands and links are right${more}`);
}

async function startProblems(snapshot: ProjectSnapshot, readme: string): Promise<string[]> {
  const text = (await snapshot.readText(readme)) ?? "";
  const manifestText = await snapshot.readText("package.json");
  if (manifestText === undefined)
    return /\bpython3?\b|\bpip\b|\buv\b/.test(text)
      ? []
      : [`${readme} does not say how to start or test the project`];
  const scripts = parsePackageJson(manifestText)?.scripts ?? {};
  const named = [...text.matchAll(/\bnpm (?:run(?:-script)? ([\w:.-]+)|(start|test|stop)\b)/g)].map(
    (match) => match[1] ?? match[2] ?? "",
  );
  const missing = named.find((name) => scripts[name] === undefined);
  if (missing !== undefined)
    return [`${readme} says "npm run ${missing}", which package.json does not have`];
  const starts = ["start", "dev", "serve"].filter((name) => scripts[name] !== undefined);
  if (starts.length > 0 && !starts.some((name) => named.includes(name)))
    return [`${readme} does not say how to start the project (npm ${starts[0] ?? "start"})`];
  if (starts.length === 0 && named.length === 0)
    return [`${readme} names no command of package.json`];
  return [];
}

function linkProblems(path: string, text: string, paths: ReadonlySet<string>): readonly string[] {
  const prose = text.replaceAll(/^(```|~~~)[^]*?^\1/gm, "").replaceAll(/`[^`\n]*`/g, "");
  const found: string[] = [];
  for (const match of prose.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g)) {
    const target = match[1] ?? "";
    if (/^(?:[a-z][a-z0-9+.-]*:|#|\/\/)/i.test(target)) continue;
    const file = resolveLink(path, target);
    if (file === undefined || !existsIn(paths, file))
      found.push(`${path} links to ${target}, which is not there`);
  }
  return found;
}

function existsIn(paths: ReadonlySet<string>, file: string): boolean {
  if (file === "" || paths.has(file)) return true;
  return [...paths].some((path) => path.startsWith(`${file}/`));
}

/** The path in the project; undefined when it leads out of it. */
function resolveLink(from: string, target: string): string | undefined {
  const plain = decode(target.replace(/[?#].*$/, ""));
  const parts = plain.startsWith("/") ? [] : from.split("/").slice(0, -1);
  for (const part of plain.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join("/");
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

async function openApiProblems(
  snapshot: ProjectSnapshot,
  path: string,
): Promise<readonly string[]> {
  const text = (await snapshot.readText(path)) ?? "";
  if (!path.endsWith(".json"))
    return /^(?:openapi|"openapi"):/m.test(text) && /^paths:/m.test(text)
      ? []
      : [`${path} is no OpenAPI document`];
  try {
    const document: unknown = JSON.parse(text);
    const isDocument =
      typeof document === "object" &&
      document !== null &&
      "openapi" in document &&
      typeof document.openapi === "string" &&
      "info" in document &&
      ("paths" in document || "webhooks" in document);
    return isDocument ? [] : [`${path} is no OpenAPI document: openapi, info or paths is missing`];
  } catch {
    return [`${path} is not valid JSON`];
  }
}
