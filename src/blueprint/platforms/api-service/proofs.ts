import type { Feature, ProductModel } from "../../model/product-model.ts";
import type { AspectProof, QualityAspect } from "../../model/quality.ts";
import { checksOf } from "./checks/checks.ts";
import { durabilityFeature, survivesKill, waitsForDisk } from "./checks/durability.ts";
import { isTimedBy, reasonNotToTime, type ResponseTime, timingKey } from "./checks/performance.ts";
import { givesTimesInUtc, keepsEveryLetter, logsRequests } from "./checks/qualities.ts";
import { refusalOf } from "./refusals.ts";
import { entityOf } from "./scope.ts";

type Proven = AspectProof["by"];

/** Which criteria show that an aspect holds, and what they leave open. */
export function proofOf(aspect: QualityAspect, model: ProductModel): AspectProof {
  switch (aspect.kind) {
    case "response-time":
      return timingProof(aspect, model);
    case "durability":
      return durabilityProof(aspect.power, model);
    case "body-limit":
      return bodyLimitProof(aspect.bytes, model);
    case "other-measure":
      return open(`no test measures “${aspect.figure}”`);
    case "unmeasured":
      return open("it states nothing that a test could measure");
    default:
      return plainProof(aspect, model);
  }
}

type PlainAspect = Exclude<
  QualityAspect["kind"],
  "response-time" | "durability" | "body-limit" | "other-measure" | "unmeasured"
>;

/** Which criteria show it, and what is said when there are none. */
const plain: Readonly<Record<PlainAspect, { readonly key: RegExp; readonly otherwise: string }>> = {
  "named-faults": { key: /^rejects-/, otherwise: "nothing can be sent" },
  health: { key: /^is-(alive-and-ready|not-ready-while-draining)$/, otherwise: "no health" },
  metrics: { key: /^measures-requests$/, otherwise: "no metrics" },
  "graceful-stop": { key: /^drains-when-told-to-stop$/, otherwise: "no stop" },
  settings: { key: /^refuses-(wrong-settings|to-start-without-tokens)$/, otherwise: "no settings" },
  logs: { key: new RegExp(`^${logsRequests}$`), otherwise: "no log" },
  "api-document": { key: /^serves-its-api-document$/, otherwise: "no document" },
  json: { key: /^(creates-with-every-field|shows-one|lists-all)$/, otherwise: "nothing is served" },
  "every-letter": {
    key: new RegExp(`^${keepsEveryLetter}$`),
    otherwise: "no field takes free text",
  },
  "times-in-utc": { key: new RegExp(`^${givesTimesInUtc}$`), otherwise: "nothing is created" },
  "no-injection": { key: /^takes-signs-literally$/, otherwise: "nothing is searched for" },
  tokens: {
    key: /^(needs-token|refuses-without-token)$/,
    otherwise: "the service is open to whoever reaches it",
  },
};

function plainProof(
  aspect: Extract<QualityAspect, { readonly kind: PlainAspect }>,
  model: ProductModel,
): AspectProof {
  const { key, otherwise } = plain[aspect.kind];
  const by = built(model).flatMap((feature) =>
    checksOf(feature, model)
      .filter((check) => key.test(check.key))
      .map((check) => ({ feature: feature.id, key: check.key })),
  );
  return by.length === 0 ? open(otherwise) : { by, open: undefined };
}

function timingProof(aspect: ResponseTime, model: ProductModel): AspectProof {
  const timed = built(model).filter((feature) => isTimedBy(feature, aspect));
  const key = timingKey(aspect);
  const by = timed
    .filter((feature) => checksOf(feature, model).some((check) => check.key === key))
    .map((feature) => ({ feature: feature.id, key }));
  if (timed.length === 0) return open("nothing that is built answers it");
  const missing = timed.filter((feature) => !by.some((one) => one.feature === feature.id));
  const reasons = missing.map(
    (feature) => `“${feature.title}”: ${reasonFor(feature, aspect, model)}`,
  );
  const others = aspect.operation === undefined ? untimed(model) : [];
  const notTimed = [
    ...reasons,
    ...(others.length === 0 ? [] : [`no test times ${others.join(" and ")}`]),
  ];
  return { by, open: notTimed.length === 0 ? undefined : notTimed.join("; ") };
}

function reasonFor(feature: Feature, aspect: ResponseTime, model: ProductModel): string {
  const entity = "entity" in feature ? entityOf(model, feature.entity) : undefined;
  const unique = entity?.fields.filter((field) => field.unique !== "no") ?? [];
  return reasonNotToTime(aspect, unique) ?? "no request for it can be made up";
}

/** How long these take depends on what is sent or on all that is stored. */
function untimed(model: ProductModel): readonly string[] {
  const kinds = new Set(model.features.map((feature) => feature.kind));
  return [
    ...(kinds.has("action") ? ["actions"] : []),
    ...(kinds.has("export") ? ["exports"] : []),
    ...(kinds.has("import") ? ["imports"] : []),
  ];
}

function durabilityProof(power: boolean, model: ProductModel): AspectProof {
  const feature = durabilityFeature(model);
  if (feature === undefined || refusalOf(feature, model) !== undefined)
    return open("nothing that is built both saves and shows a record");
  const opensDatabase = model.features.filter(({ kind }) => power && kind === "service");
  const by: Proven = [
    { feature: feature.id, key: survivesKill },
    ...opensDatabase.map(({ id }) => ({ feature: id, key: waitsForDisk })),
  ];
  return {
    by,
    open: power
      ? "a killed process loses nothing and every change waits for the disk, but no test can cut the power"
      : undefined,
  };
}

const served = { least: 1_000_000, most: 1024 * 1024 };

function bodyLimitProof(bytes: number, model: ProductModel): AspectProof {
  if (bytes < served.least || bytes > served.most)
    return open("the service takes contents of up to 1 MiB, whatever is asked for");
  const key = "refuses-unreadable-content";
  const by = built(model)
    .filter((feature) => feature.kind === "create")
    .map((feature) => ({ feature: feature.id, key }));
  return by.length === 0 ? open("nothing can be sent") : { by, open: undefined };
}

function built(model: ProductModel): readonly Feature[] {
  return model.features.filter((feature) => refusalOf(feature, model) === undefined);
}

function open(reason: string): AspectProof {
  return { by: [], open: reason };
}
