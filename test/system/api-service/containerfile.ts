type Step =
  | {
      readonly kind: "copy";
      /** Name of a stage; undefined: the project. */
      readonly from: string | undefined;
      readonly sources: readonly string[];
      readonly target: string;
    }
  | { readonly kind: "run"; readonly command: string };

/** One stage of a Containerfile. */
export interface Stage {
  readonly name: string;
  readonly base: string;
  readonly workdir: string;
  readonly user: string;
  readonly env: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
  readonly command: readonly [string, ...string[]];
  readonly healthcheck: readonly [string, ...string[]];
}

interface OpenStage {
  name: string;
  base: string;
  workdir: string;
  user: string;
  readonly env: Record<string, string>;
  readonly steps: Step[];
  command: readonly [string, ...string[]];
  healthcheck: readonly [string, ...string[]];
}

/** Reads a Containerfile; throws at whatever it does not know, so that nothing is passed over. */
export function readContainerfile(text: string): readonly Stage[] {
  const stages: OpenStage[] = [];
  for (const line of text.replaceAll("\\\n", " ").split("\n")) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    const [, word = "", rest = ""] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
    if (word === "FROM") stages.push(openStage(rest));
    else {
      const stage = stages.at(-1);
      if (stage === undefined) throw new Error(`${line}: before the first FROM`);
      apply(stage, word, rest);
    }
  }
  return stages;
}

function openStage(rest: string): OpenStage {
  const [, base, , name = ""] = /^(\S+:\S+)( AS (\w+))?$/.exec(rest) ?? [];
  if (base === undefined) throw new Error(`FROM ${rest}: an image needs a name and a tag`);
  const none = ["false"] as const;
  return {
    name,
    base,
    workdir: "/",
    user: "root",
    env: {},
    steps: [],
    command: none,
    healthcheck: none,
  };
}

function apply(stage: OpenStage, word: string, rest: string): void {
  switch (word) {
    case "WORKDIR":
      stage.workdir = rest;
      return;
    case "USER":
      stage.user = rest;
      return;
    case "ENV":
      for (const [, name = "", value = ""] of rest.matchAll(/(\w+)=(\S+)/g))
        stage.env[name] = value;
      return;
    case "COPY":
      stage.steps.push(copyOf(rest));
      return;
    case "RUN":
      stage.steps.push({ kind: "run", command: rest });
      return;
    case "CMD":
      stage.command = wordsOf(rest);
      return;
    case "HEALTHCHECK":
      stage.healthcheck = wordsOf(rest.replace(/^(--\S+ )*CMD /, ""));
      return;
    case "EXPOSE":
    case "VOLUME":
      return;
    default:
      throw new Error(`${word} ${rest}: not known`);
  }
}

function copyOf(rest: string): Step {
  const from = /^--from=(\w+) /.exec(rest)?.[1];
  const paths = rest.replace(/^--from=\w+ /, "").split(/\s+/);
  const target = paths.at(-1);
  if (target === undefined || paths.length < 2 || rest.includes("*"))
    throw new Error(`COPY ${rest}: not known`);
  return { kind: "copy", from, sources: paths.slice(0, -1), target };
}

/** The exec form: a JSON list. */
function wordsOf(rest: string): readonly [string, ...string[]] {
  const [first, ...others] = JSON.parse(rest) as string[];
  if (first === undefined) throw new Error(`${rest}: no command`);
  return [first, ...others];
}
