const maxWaiting = 100;

/** Messages on their way from whoever makes them to whoever asks for them; of too many the oldest go. */
export class ProgressRelay {
  #waiting: readonly string[] = [];
  #wake: () => void = () => undefined;
  #isOver = false;

  push(message: string): void {
    this.#waiting = [...this.#waiting, message].slice(-maxWaiting);
    this.#wake();
  }

  /** Everything that is pushed until `work` has ended, however it ends. */
  async *until(work: Promise<unknown>): AsyncGenerator<string> {
    const over = work.then(
      () => this.#end(),
      () => this.#end(),
    );
    for (;;) {
      const messages = this.#waiting;
      this.#waiting = [];
      yield* messages;
      if (this.#waiting.length > 0) continue;
      if (this.#isOver) return;
      await Promise.race([over, this.#next()]);
    }
  }

  #end(): void {
    this.#isOver = true;
  }

  #next(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      if (this.#waiting.length > 0) resolve();
    });
  }
}
