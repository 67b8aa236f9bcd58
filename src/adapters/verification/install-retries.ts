/** npm's own patience is minutes for each package: one that stops answering is given up within two. */
export const boundedRetries: Readonly<Record<string, string>> = {
  npm_config_fetch_retries: "1",
  npm_config_fetch_retry_mintimeout: "1000",
  npm_config_fetch_retry_maxtimeout: "4000",
  npm_config_fetch_timeout: "45000",
};
