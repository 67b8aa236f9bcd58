import { cutMiddle } from "./loop/cut-text.ts";

/** What a planner is told of a project that is there already; texts are data and are cut. */
export interface ProjectOutline {
  /** Kind of project, as a platform is named. */
  readonly platform: string;
  readonly paths: readonly string[];
  /** Paths that are not listed. */
  readonly morePaths: number;
  /** AGENTS.md; null when there is none. */
  readonly guide: string | null;
  /** Head of the README. */
  readonly readme: string | null;
  /** package.json, pyproject.toml or what takes their place. */
  readonly manifest: string | null;
}

const maxPaths = 60;
const maxPathBytes = 1_400;
const maxGuideCharacters = 800;
const maxReadmeCharacters = 500;
const maxManifestCharacters = 500;
const readmes = ["README.md", "readme.md", "Readme.md", "README", "README.rst"];
const manifests = ["package.json", "pyproject.toml", "setup.cfg", "requirements.txt"];

/** Looks at a tree through its paths and texts. */
export async function outlineOf(
  platform: string,
  tree: {
    readonly paths: readonly string[];
    readText(path: string): Promise<string | undefined>;
  },
): Promise<ProjectOutline> {
  const first = async (names: readonly string[], characters: number): Promise<string | null> => {
    const name = names.find((one) => tree.paths.includes(one));
    const text = name === undefined ? undefined : await tree.readText(name);
    return text === undefined ? null : cutMiddle(text.trim(), characters);
  };
  const paths = firstPaths(tree.paths);
  return {
    platform,
    paths,
    morePaths: tree.paths.length - paths.length,
    guide: await first(["AGENTS.md"], maxGuideCharacters),
    readme: await first(readmes, maxReadmeCharacters),
    manifest: await first(manifests, maxManifestCharacters),
  };
}

/** Short paths before long ones: what lies at the top says most. */
function firstPaths(all: readonly string[]): readonly string[] {
  const depth = (path: string): number => path.split("/").length;
  const shown: string[] = [];
  let usedBytes = 0;
  for (const path of [...all].sort((a, b) => depth(a) - depth(b)).slice(0, maxPaths)) {
    usedBytes += Buffer.byteLength(path) + 1;
    if (usedBytes > maxPathBytes) break;
    shown.push(path);
  }
  return shown.sort();
}

/** The outline as a part of a first message; at most 3,400 characters. */
export function outlineText(outline: ProjectOutline): string {
  const more = outline.morePaths > 0 ? [`(${outline.morePaths} more)`] : [];
  const parts: readonly (readonly [title: string, text: string | null])[] = [
    ["The project that is there already", outline.platform],
    ["Its files", [...outline.paths, ...more].join("\n")],
    ["Its AGENTS.md", outline.guide],
    ["Its README", outline.readme],
    ["Its manifest", outline.manifest],
  ];
  return parts
    .flatMap(([title, text]) => (text === null ? [] : [`# ${title}\n${text}`]))
    .join("\n\n");
}
