/** npm's own patience is minutes for each package: a registry that is away is said within seconds. */
export const boundedRetries: Readonly<Record<string, string>> = {
  npm_config_fetch_retries: "2",
  npm_config_fetch_retry_mintimeout: "1000",
  npm_config_fetch_retry_maxtimeout: "8000",
  npm_config_fetch_timeout: "60000",
};
