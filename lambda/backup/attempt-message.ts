/** What a running snapshot says of its attempt: nothing of the first. */
export const messageOfAttempt = (attempt: number): string => (attempt === 1 ? "" : `Attempt ${attempt}.`);
