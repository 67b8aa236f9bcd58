import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readOtlpSettings } from "./otlp-settings.ts";

const endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
const traces = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
const here = "http://127.0.0.1:4318";

describe("where spans go", () => {
  it.each<[Readonly<Record<string, string>>, string | undefined, string]>([
    [{ [endpoint]: here }, undefined, `${here}/v1/traces`],
    [{ [endpoint]: `${here}/otlp/` }, undefined, `${here}/otlp/v1/traces`],
    [{ [endpoint]: here, [traces]: `${here}/own` }, undefined, `${here}/own`],
    [{ [traces]: `${here}/own` }, "http://127.0.0.1:9/x", "http://127.0.0.1:9/x/v1/traces"],
    [
      { [endpoint]: here, OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf" },
      undefined,
      `${here}/v1/traces`,
    ],
  ])("is what %j and the option %j say", (variables, configured, wanted) => {
    const wish = readOtlpSettings(variables, configured);
    expect(wish.kind === "on" ? wish.settings.endpoint.href : wish).toBe(wanted);
  });

  it.each<Readonly<Record<string, string>>>([
    {},
    { [endpoint]: " " },
    { [endpoint]: here, OTEL_SDK_DISABLED: "TRUE" },
    { [endpoint]: here, OTEL_TRACES_EXPORTER: "none" },
  ])("is nowhere for %j", (variables) => {
    expect(readOtlpSettings(variables, undefined)).toEqual({ kind: "off" });
  });

  it.each<Readonly<Record<string, string>>>([
    { [endpoint]: "collector:4317" },
    { [endpoint]: "file:///etc/passwd" },
    { [endpoint]: "http://user:secret@127.0.0.1:4318" },
    { [endpoint]: here, OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" },
  ])("cannot be what %j says, which is told without quoting it", (variables) => {
    const wish = readOtlpSettings(variables, undefined);
    expect(wish.kind).toBe("unusable");
    expect(JSON.stringify(wish)).not.toMatch(/secret|passwd|collector:4317/);
  });

  it("takes headers and resource as the variables encode them", () => {
    const wish = readOtlpSettings(
      {
        [endpoint]: here,
        OTEL_EXPORTER_OTLP_HEADERS:
          "Authorization=Bearer%20abc, x=1,broken,=2,bad=%0d%0aset,:=,a%20b=c",
        OTEL_EXPORTER_OTLP_TRACES_HEADERS: "x=2",
        OTEL_RESOURCE_ATTRIBUTES: "team=builders,service.name=other",
        OTEL_SERVICE_NAME: "builder",
      },
      undefined,
    );
    expect(wish).toMatchObject({
      settings: {
        headers: { authorization: "Bearer abc", x: "2" },
        resource: { team: "builders", "service.name": "builder" },
      },
    });
  });

  it("never throws, whatever the variables hold", () => {
    const text = fc.oneof(fc.string(), fc.constantFrom("http://[", "%", "a=%zz", "http://h:1/?#"));
    const names = [endpoint, traces, "OTEL_EXPORTER_OTLP_HEADERS", "OTEL_RESOURCE_ATTRIBUTES"];
    fc.assert(
      fc.property(fc.array(text, { minLength: 4, maxLength: 4 }), (values) => {
        const wish = readOtlpSettings(
          Object.fromEntries(names.map((name, at) => [name, values[at]])),
          undefined,
        );
        if (wish.kind === "on") expect(new Headers(wish.settings.headers)).toBeDefined();
      }),
    );
  });
});
