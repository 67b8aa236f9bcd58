declare module "fs-native-extensions" {
  /** False when another open file description holds a conflicting lock. Offset 0, length 0: the whole file. */
  export function tryLock(
    fd: number,
    offset: number,
    length: number,
    options: { readonly shared: boolean },
  ): boolean;
}
