import { readDocument } from "../../delivery/requirements/read-document.ts";
import type { RunResult } from "../autosd.ts";
import { notAProject, projectPaths } from "../projects/project-record.ts";
import { readIdentity } from "./project-identity.ts";
import { launch, type RunLauncher } from "./start-run.ts";

/** Builds, reviews and closes one sprint of an existing project, from the requirements recorded in it. */
export async function runSprint(
  launcher: RunLauncher,
  input: { readonly directory: string; readonly maxStories: number },
  signal: AbortSignal,
): Promise<RunResult> {
  const { files, folders } = launcher.services;
  const directory = await folders.resolve(input.directory);
  const identity = await readIdentity(files, directory);
  const text = await files.read(directory, projectPaths.requirements);
  if (identity === undefined || text === undefined) throw notAProject(directory);
  const document = readDocument({
    source: projectPaths.requirements,
    bytes: new TextEncoder().encode(text),
  });
  const options = {
    directory,
    projectId: identity.projectId,
    requirements: { source: document.source, text: document.text },
    ...launcher.sprintDefaults,
    ...(identity.branch === undefined ? {} : { existing: { branch: identity.branch } }),
    maxStoriesPerSprint: input.maxStories,
    maxSprints: 1,
  };
  return launch(
    launcher,
    { schema: "autosd/run-request@1", ...options },
    { signal, timeoutSeconds: undefined },
  );
}
