/** Whether the environment names a proxy, under any of its usual names. */
export function hasProxy(environment: Readonly<Record<string, string | undefined>>): boolean {
  const names = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "npm_config_proxy"];
  return names.some((name) => (environment[name] ?? "") !== "");
}

/** Aborts after `ms`; longer than a timer can count is for ever. */
export function deadlineAfter(ms: number): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), Math.min(ms, 2 ** 31 - 1));
  return { signal: controller.signal, release: () => clearTimeout(timer) };
}
