import { AutosdError } from "../../kernel/errors.ts";
import { nearMatch } from "../../kernel/near-match.ts";
import { messageOf } from "../../kernel/thrown.ts";
import type { Halt } from "../../governance/policy/halt-switch.port.ts";
import { type HaltServices, operatorActor } from "./halt-services.ts";

/** What halting came to. */
export interface HaltReport {
  readonly halt: Halt;
  /** It was halted before; the first reason stays. */
  readonly alreadyHalted: boolean;
  /** Why the audit log does not know of it; null when it does. The halt holds either way. */
  readonly notRecorded: { readonly code: string; readonly message: string } | null;
  /**
   * No project of this id is known here, and one that is and looks like it; null: it is known, or
   * every project is meant, or nobody can tell.
   */
  readonly unknownProject: { readonly near: string | null } | null;
}

/**
 * Stops a project (`*`: every project): throws the switch first, then records it. Needs no key and
 * no log; a log that cannot be written is reported, not thrown. Repeating it changes nothing.
 */
export async function haltProject(
  services: HaltServices,
  input: { readonly project: string; readonly reason: string },
): Promise<HaltReport> {
  const { halts, clock, operator } = services;
  const before = (await halts.list()).find((halt) => halt.project === input.project);
  const halt: Halt = { ...input, by: operator, atMs: clock.now() };
  await halts.halt(halt);
  const inForce = before ?? halt;
  const notRecorded = await record(services, inForce, before !== undefined);
  const unknownProject = await unknown(services, input.project);
  return { halt: inForce, alreadyHalted: before !== undefined, notRecorded, unknownProject };
}

/** Whoever misspells a project must not believe that it is stopped; a halt is never refused for it. */
async function unknown(
  services: HaltServices,
  project: string,
): Promise<HaltReport["unknownProject"]> {
  if (project === "*") return null;
  try {
    const ids = await services.projects();
    return ids.includes(project) ? null : { near: nearMatch(project, ids) ?? null };
  } catch (error) {
    services.log.error("projects could not be listed", { error });
    return null;
  }
}

async function record(
  services: HaltServices,
  halt: Halt,
  wasHalted: boolean,
): Promise<HaltReport["notRecorded"]> {
  try {
    const audit = await services.audit();
    await audit.transact(async (facts) => {
      const isKnown = wasHalted && facts.haltOf(halt.project) !== undefined;
      const entry = {
        kind: "halt" as const,
        actor: operatorActor(services),
        project: halt.project,
        reason: halt.reason,
      };
      return { append: isKnown ? [] : [entry], value: undefined };
    });
    return null;
  } catch (error) {
    services.log.error("a halt could not be recorded", { project: halt.project, error });
    return error instanceof AutosdError
      ? { code: error.code, message: error.message }
      : { code: "AUTOSD-AUDIT-UNWRITABLE", message: messageOf(error) };
  }
}
