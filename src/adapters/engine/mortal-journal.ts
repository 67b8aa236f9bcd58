import type { JournaledStep, RunJournal } from "../../engine/ports/run-journal.port.ts";
import type { Tx } from "../../state/tx.ts";

/** The instant at which a test pulls the plug: around the journaling of a step's state. */
export interface CrashPoint {
  readonly step: string;
  readonly state: JournaledStep["state"];
  readonly when: "before" | "after";
}

/** What a crashed client throws. */
export class TestCrash extends Error {
  override readonly name = "TestCrash";
}

type Arguments<Method extends keyof RunJournal> = Parameters<RunJournal[Method]>;

/** A journal whose process can die: from then on nothing is written or read through it. */
export class MortalJournal implements RunJournal {
  crashPoint: CrashPoint | undefined;
  readonly #journal: RunJournal;
  #isDead = false;
  /** The crash comes when the open transaction has been committed. */
  #diesAtCommit = false;

  constructor(journal: RunJournal) {
    this.#journal = journal;
  }

  die(): void {
    this.#isDead = true;
  }

  async transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    const result = await this.#living(() => this.#journal.transaction(work));
    if (this.#diesAtCommit) this.#crash();
    return result;
  }

  async putStep(...[runId, execution, step, tx]: Arguments<"putStep">): Promise<boolean> {
    const point = this.crashPoint;
    const isPoint = point?.step === step.name && point.state === step.state;
    if (isPoint && point.when === "before") this.#crash();
    const isWritten = await this.#living(() => this.#journal.putStep(runId, execution, step, tx));
    if (isPoint && tx !== undefined) this.#diesAtCommit = true;
    if (isPoint && tx === undefined) this.#crash();
    return isWritten;
  }

  addRun(...given: Arguments<"addRun">): ReturnType<RunJournal["addRun"]> {
    return this.#living(() => this.#journal.addRun(...given));
  }

  run(...given: Arguments<"run">): ReturnType<RunJournal["run"]> {
    return this.#living(() => this.#journal.run(...given));
  }

  runs(...given: Arguments<"runs">): ReturnType<RunJournal["runs"]> {
    return this.#living(() => this.#journal.runs(...given));
  }

  running(): ReturnType<RunJournal["running"]> {
    return this.#living(() => this.#journal.running());
  }

  beginExecution(...given: Arguments<"beginExecution">): Promise<number> {
    return this.#living(() => this.#journal.beginExecution(...given));
  }

  endExecution(...given: Arguments<"endExecution">): Promise<boolean> {
    return this.#living(() => this.#journal.endExecution(...given));
  }

  endIdle(...given: Arguments<"endIdle">): Promise<void> {
    return this.#living(() => this.#journal.endIdle(...given));
  }

  requestCancel(...given: Arguments<"requestCancel">): Promise<void> {
    return this.#living(() => this.#journal.requestCancel(...given));
  }

  steps(...given: Arguments<"steps">): ReturnType<RunJournal["steps"]> {
    return this.#living(() => this.#journal.steps(...given));
  }

  addSignal(...given: Arguments<"addSignal">): Promise<void> {
    return this.#living(() => this.#journal.addSignal(...given));
  }

  hasSignal(...given: Arguments<"hasSignal">): Promise<boolean> {
    return this.#living(() => this.#journal.hasSignal(...given));
  }

  signals(...given: Arguments<"signals">): ReturnType<RunJournal["signals"]> {
    return this.#living(() => this.#journal.signals(...given));
  }

  takeSignal(...given: Arguments<"takeSignal">): ReturnType<RunJournal["takeSignal"]> {
    return this.#living(() => this.#journal.takeSignal(...given));
  }

  async #living<T>(work: () => Promise<T>): Promise<T> {
    if (this.#isDead) throw new TestCrash("the process is dead");
    return work();
  }

  #crash(): never {
    this.#isDead = true;
    throw new TestCrash("the process has died");
  }
}
