import type {
  BlueprintPlatform,
  PlannedFeature,
  RenderRequest,
} from "../../blueprint/platforms/platform.port.ts";
import { sha256 } from "../../kernel/hash.ts";
import type { WrittenRecord } from "./written-files.ts";

/**
 * The features that the project holds as they are asked for now: their tests would be rendered as
 * they were, and so would those of what their code needs. All others have to be proven afresh.
 */
export function standingFeatures(
  platform: BlueprintPlatform,
  request: RenderRequest,
  written: WrittenRecord,
): readonly PlannedFeature[] {
  const known = new Map(written.stories.map(({ id, feature }) => [id, feature]));
  const digests = new Map(
    platform.render(request).map(({ path, text }) => [path, sha256(text)] as const),
  );
  const isAsItWas = ({ storyId, feature }: PlannedFeature): boolean => {
    if (known.get(storyId) !== feature.id) return false;
    // Everything stands on it: taken out, there would be no project to prove anything with.
    if (feature.kind === "service") return true;
    return platform
      .acceptanceTests(request, storyId)
      .every((path) => written.files[path] === digests.get(path));
  };
  let standing = request.features.filter(isAsItWas);
  // Each round takes out at least one, so their number bounds the loop.
  for (;;) {
    const ids = new Set(standing.map(({ feature }) => feature.id));
    const rest = standing.filter(({ feature }) =>
      (platform.needs?.(feature, request.model) ?? []).every((id) => ids.has(id)),
    );
    if (rest.length === standing.length) return standing;
    standing = rest;
  }
}
