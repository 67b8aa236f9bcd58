import { LearningError } from "../../delivery/agent/learning/errors.ts";
import type {
  PromptTemplates,
  TemplatePlace,
} from "../../delivery/agent/learning/prompt-templates.port.ts";
import type { Proposal } from "../../delivery/agent/learning/propose.ts";
import { reviseTemplate } from "../../delivery/agent/learning/revise-template.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { LearnCalls, LearnReport, WrittenTemplate } from "./learn-calls.ts";
import { type JournalSources, learnReport } from "./learn-report.ts";

export interface LearnServices extends JournalSources {
  readonly templates: PromptTemplates;
  readonly clock: Clock;
  /** Whoever writes templates of a place writes alone; no run works on the project meanwhile. */
  readonly exclusively: <T>(place: TemplatePlace, work: () => Promise<T>) => Promise<T>;
  /** Two names of one folder are one project. */
  readonly resolve: (directory: string) => Promise<string>;
}

/** The calls of `autosd learn`. */
export function createLearnCalls(services: LearnServices): LearnCalls {
  const placeAt = async (place: TemplatePlace): Promise<TemplatePlace> =>
    place.scope === "home"
      ? place
      : { scope: "project", directory: await services.resolve(place.directory) };
  const report: LearnCalls["report"] = async (input, signal) => {
    const { directory } = input;
    const at = directory === undefined ? undefined : await services.resolve(directory);
    const place = await placeAt(input.place);
    return learnReport(services, { ...input, directory: at, place }, signal);
  };
  return {
    report,
    update: async (input, signal) => {
      const place = await placeAt(input.place);
      return services.exclusively(place, async () => {
        // Anew, since another command may have written in between.
        const current = await report(input, signal);
        return { report: current, written: await writeProposed(services, place, current) };
      });
    },
    undo: async (given, name) => {
      const place = await placeAt(given);
      const back = await services.exclusively(place, () =>
        services.templates.takeBack(place, name, services.clock.now()),
      );
      if (back.kind !== "changed") return back;
      throw new LearningError(
        "AUTOSD-TEMPLATE-CHANGED",
        `${back.file} is not as autosd wrote it, so it is not removed`,
        { remedy: `Move ${back.file} away to do without it`, details: { file: back.file } },
      );
    },
  };
}

async function writeProposed(
  services: LearnServices,
  place: TemplatePlace,
  report: LearnReport,
): Promise<readonly WrittenTemplate[]> {
  const proposed = report.proposals.filter(({ standing }) => standing === "proposed");
  const written: WrittenTemplate[] = [];
  for (const base of new Set(proposed.map(({ template }) => template))) {
    const own = proposed.filter(({ template }) => template === base);
    const done = await writeVersion(services, place, base, own);
    if (done !== undefined) written.push(done);
  }
  return written;
}

async function writeVersion(
  services: LearnServices,
  place: TemplatePlace,
  base: string,
  proposals: readonly Proposal[],
): Promise<WrittenTemplate | undefined> {
  const { templates, clock } = services;
  const directory = place.scope === "project" ? place.directory : undefined;
  const template = await templates.named(base, directory);
  if (template === undefined) return undefined;
  const remedies = proposals.map(({ remedy }) => remedy);
  const text = reviseTemplate(
    template.text,
    proposals.map(({ line }) => line),
  );
  const evidence = proposals.map((one) => one.evidence);
  const reason = { base, remedies, evidence, atMs: clock.now() };
  const { id, file } = await templates.add(place, template.name, text, reason);
  return { id, file, base, remedies };
}
