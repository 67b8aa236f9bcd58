/** `grt_` and a ULID; the only text that may become part of a path. */
export const grantIdPattern = /^grt_[0-9A-HJKMNP-TV-Z]{26}$/;

export const maxChainLength = 5;
/** Of a grant's file, with its parents. */
export const maxGrantBytes = 64 * 1024;
