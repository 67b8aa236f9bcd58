import { userInfo } from "node:os";

/** Who runs this process, as the system knows it; `uid <n>` for a user without a name. */
export function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? "unknown"}`;
  }
}
