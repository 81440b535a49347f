/** Tokens that an OIDC provider issues for people, as far as signing in needs them. */
export interface Tokens {
  /**
   * The principal that a valid token names; undefined for every token that is not valid, whatever the reason.
   * Throws a retryable ServiceFailure when the provider's keys can't be fetched: then nobody knows.
   */
  principalOf(token: string): Promise<string | undefined>;
}

/** Where only keys sign in: no token is valid. */
export const NO_TOKENS: Tokens = { principalOf: async () => undefined };
