import { z } from "zod";

const dependencyMap = z.record(z.string(), z.string()).optional();

const packageJsonSchema = z.looseObject({
  name: z.string().optional(),
  scripts: z.record(z.string(), z.string()).optional(),
  dependencies: dependencyMap,
  devDependencies: dependencyMap,
  optionalDependencies: dependencyMap,
  peerDependencies: dependencyMap,
});
/** The parts of package.json that gates look at; the rest is kept. */
export type PackageJson = z.infer<typeof packageJsonSchema>;

/** `undefined` when the text is not a usable package.json. */
export function parsePackageJson(text: string): PackageJson | undefined {
  try {
    const parsed = packageJsonSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
