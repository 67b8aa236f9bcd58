/** A test as it stands in a source file. */
export interface SourceTest {
  /** Without the names of the groups around it. */
  readonly name: string;
  /** Its name is made at run time, or it stands for several tests. */
  readonly dynamic: boolean;
  readonly skipped: boolean;
  /** `.only`: makes the runner leave out the others. */
  readonly focused: boolean;
  /** Assertions in its body; those on constants do not count. */
  readonly assertions: number;
  /** Of these, the ones that nearly everything satisfies. */
  readonly weak: number;
}
