/** One finding of `autosd doctor`. */
export interface DoctorCheck {
  readonly name: string;
  readonly ok: boolean;
  /** True: without it the main job cannot run. */
  readonly required: boolean;
  readonly finding: string;
  readonly remedy: string | undefined;
}

/** One thing that the main job needs of the machine, found out by doing it. */
export type Probe = () => Promise<readonly DoctorCheck[]>;
