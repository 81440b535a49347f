/**
 * Lock dates are whole seconds, rounded up: servers differ in keeping milliseconds, and a lock that lost them would
 * end before the snapshot does, and could not be set again without "shortening" it.
 */
export const wholeSecondUp = (time: Date): Date => new Date(Math.ceil(time.getTime() / 1000) * 1000);
