import { z } from "zod";
import type { PlatformPlan } from "../planner.port.ts";
import type { Checked } from "./ask-for-plan.ts";
import { draftProblems } from "./draft-problems.ts";
import { isStartCommand, type ModelPlatform } from "./model-platforms.ts";
import { portableSchema } from "./portable-schema.ts";

const text = z.string().min(1).max(1_000);

const platformDraftSchema = z.object({
  platform: z.string().max(40),
  why: text,
  startCommands: z.array(z.string().min(1)).max(8),
  components: z
    .array(z.object({ name: z.string().min(1).max(80), role: text }))
    .min(1)
    .max(20),
});

/** The shape that a model answers in. */
export const platformAnswer = {
  name: "platform_plan",
  schema: portableSchema(platformDraftSchema),
} as const;

/** A plan for one of the platforms; its commands start the project and do nothing else. */
export function checkPlatform(
  platforms: readonly ModelPlatform[],
  value: unknown,
): Checked<PlatformPlan> {
  const shape = platformDraftSchema.safeParse(value);
  if (!shape.success) return { kind: "refused", problems: draftProblems(shape.error) };
  const draft = shape.data;
  const platform = platforms.find(({ id }) => id === draft.platform);
  if (platform === undefined) {
    const known = platforms.map(({ id }) => id).join(", ");
    return { kind: "refused", problems: [`platform is one of ${known}`] };
  }
  const problems = draft.startCommands.flatMap((command) =>
    isStartCommand(platform, command)
      ? []
      : [
          `startCommands: ${JSON.stringify(command)} is not allowed; plain commands of ${platform.toolchain === "node" ? "npm and node" : "python3, .venv/bin/pip and .venv/bin/python"} that start what is in the folder are`,
        ],
  );
  return problems.length > 0 ? { kind: "refused", problems } : { kind: "accepted", value: draft };
}
