const form = /^(?!.*(\.\.|\/\/|\/\.|@\{|\.lock(\/|$)))[A-Za-z0-9_][A-Za-z0-9._/-]{0,199}(?<![./])$/;

/** Whether a text is a branch name that every git and every shell takes as it is. */
export function isBranchName(name: string): boolean {
  return form.test(name) && name !== "HEAD";
}
