/** One thing that is wrong with a request. `pointer` is a JSON pointer into the body, or a parameter's name. */
export interface Fault {
  readonly pointer: string;
  readonly detail: string;
}
