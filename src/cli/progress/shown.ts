import type { Observer } from "../../engine/autosd.ts";

/** Shows what a run is doing. */
export interface Progress {
  /** Never throws. */
  readonly observe: Observer;
  /** Leaves the terminal as it was found. A second call does nothing. */
  close(): void;
}
