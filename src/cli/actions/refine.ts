import { resolve } from "node:path";
import type { Config } from "../../config/options.ts";
import { type Autosd, planningProviders } from "../../engine/autosd.ts";
import type { ExitCode } from "../../kernel/errors.ts";
import { type Invocation, writeJson } from "../action.ts";
import { renderRefinement } from "../render/refinement.ts";
import { modelInput, modelOptions } from "./model-input.ts";
import { requiredRequirements, requirementsOption } from "../requirements-option.ts";
import { switchOption, textOption } from "../typed-options.ts";

type RefineInput = Parameters<Autosd["refine"]>[0];

/** `autosd refine`: exit 0; with `--check` exit 4 when a sentence leads to no story. */
export async function refine(invocation: Invocation): Promise<ExitCode> {
  const { context, options } = invocation;
  const check = switchOption(options, "check");
  const outputDirectory = resolve(context.cwd, textOption(options, "outputDir") ?? ".");
  const requirements = check ? requirementsOption(invocation) : requiredRequirements(invocation);
  const { values } = await invocation.configure(modelOptions(options), outputDirectory);
  const engine = await invocation.engine();
  const result =
    check || requirements === undefined
      ? await engine.checkTraceability({ requirements, outputDirectory })
      : await engine.refine(
          {
            requirements,
            outputDirectory,
            ...plannerInput(values),
          },
          context.signal,
        );
  const passed = !check || result.gaps.length === 0;
  if (invocation.json) writeJson(invocation, { schema: "autosd/refine-result@1", ...result });
  else context.stdout.write(renderRefinement(result, { check }, context.stdout));
  return passed ? 0 : 4;
}

/** Nobody is looked for where nobody was named: without a model, blueprint plans. */
function plannerInput(values: Config): Pick<RefineInput, "provider" | "models"> {
  const set = modelInput(values);
  const provider = planningProviders.find((one) => one === values.provider) ?? "auto";
  const isUnnamed = provider === "auto" && set.models === undefined;
  return { provider: isUnnamed ? "blueprint" : provider, ...set };
}
