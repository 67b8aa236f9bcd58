import type { Halt } from "../../governance/policy/halt-switch.port.ts";
import { haltProject, type HaltReport } from "./halt-project.ts";
import type { HaltServices } from "./halt-services.ts";
import { resumeProject, type ResumeReport } from "./resume-project.ts";

/** What commands ask of the kill switch. `*` is every project. */
export interface HaltCalls {
  halt(input: { readonly project: string; readonly reason: string }): Promise<HaltReport>;
  /** `signer`: a kid or `ssh-agent:` and a fingerprint; undefined: the only key in use. */
  resume(input: {
    readonly project: string;
    readonly signer: string | undefined;
  }): Promise<ResumeReport>;
  /** Halts in force, as far as files tell. */
  list(): Promise<readonly Halt[]>;
}

export function createHaltCalls(services: HaltServices): HaltCalls {
  return {
    halt: (input) => haltProject(services, input),
    resume: (input) => resumeProject(services, input),
    list: () => services.halts.list(),
  };
}
