import { judgeDocs } from "./docs-gate.ts";
import { ownJudgement, type Judgement } from "./evidence.ts";
import { requirementsProblems, sbomOf, sbomProblems } from "./sbom.ts";
import { judgeSecrets } from "./secrets-gate.ts";
import type { GateName, ToolchainProfile } from "./toolchain.ts";
import type { TreeFacts } from "./tree-facts.ts";
import type { ProjectCase } from "./verifier-options.ts";

/** Gates that only read: nothing of the project is run. */
export async function readingGates(
  project: ProjectCase,
  profile: ToolchainProfile | undefined,
): Promise<void> {
  const { book, facts, before } = project;
  const { existing } = project.request;
  const since = existing === undefined ? {} : { since: existing.tree };
  const isAbsent = (gate: GateName): boolean => existing?.absentGates.includes(gate) === true;
  await book.gate("secrets", since, async () => ({
    judgement: judgeSecrets(...changedSince(before, facts)),
  }));
  if (!isAbsent("sbom"))
    await book.gate("sbom", { profile: profile?.id ?? "none" }, async () => ({
      judgement: await judgeSbom(facts, profile),
    }));
  if (!isAbsent("docs"))
    await book.gate("docs", {}, async () => ({ judgement: await judgeDocs(facts) }));
}

/** Texts that are not as they were, and files without text that were not there. */
function changedSince(
  before: TreeFacts,
  now: TreeFacts,
): readonly [texts: ReadonlyMap<string, string>, binaries: readonly string[]] {
  const old = new Set(before.binaries);
  return [
    new Map([...now.texts].filter(([path, text]) => before.texts.get(path) !== text)),
    now.binaries.filter((path) => !old.has(path)),
  ];
}

async function judgeSbom(
  facts: TreeFacts,
  profile: ToolchainProfile | undefined,
): Promise<Judgement> {
  const file = profile?.install.lockfile;
  const given = profile?.install.files;
  const text =
    given?.["requirements.txt"] ?? (file === undefined ? undefined : await facts.readText(file));
  if (profile?.install.needed === false)
    return ownJudgement("sbom", [], "no third-party components");
  if (profile === undefined || text === undefined)
    return ownJudgement("sbom", ["without a lockfile the components are not known"], "");
  if (profile.id === "python") {
    const { problems, components } = requirementsProblems(text, given?.["constraints.txt"]);
    return ownJudgement("sbom", problems, `${components} components, each of one version`);
  }
  const { problems, components, unlicensed } = sbomProblems(text);
  const licences = unlicensed === 0 ? "" : `, ${unlicensed} without a stated licence`;
  const finding = `${components} components, each with version and checksum${licences}`;
  const document = problems.length === 0 ? sbomOf(text, { name: "project", version: "0.0.0" }) : "";
  return ownJudgement("sbom", problems, finding, document);
}
