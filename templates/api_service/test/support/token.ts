/** The token that test services accept. */
export const testToken = "test-token-0123456789";
