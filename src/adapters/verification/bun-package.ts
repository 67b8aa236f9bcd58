/** The package with bun's program for this machine; the one for processors without newer instructions runs on all. */
export function bunPackage(): string {
  const { platform, arch } = process;
  const system = platform === "win32" ? "windows" : platform;
  const cpu = arch === "arm64" ? "aarch64" : arch;
  const libc = platform === "linux" && isMusl() ? "-musl" : "";
  return `@oven/bun-${system}-${cpu}${libc}${arch === "x64" ? "-baseline" : ""}`;
}

function isMusl(): boolean {
  const report: unknown = process.report.getReport();
  const header =
    typeof report === "object" && report !== null && "header" in report ? report.header : {};
  return !(typeof header === "object" && header !== null && "glibcVersionRuntime" in header);
}
