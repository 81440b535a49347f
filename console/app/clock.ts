/**
 * The service's clock. What expires, what is due and what has been is judged by it, never by the browser's, which may
 * be wrong by days. Set by every answer that tells the service's time.
 */
let ahead: number | undefined;

export const setServiceTime = (iso: string): void => {
  ahead = Date.parse(iso) - Date.now();
};
/** Undefined before the service has told it. */
export const serviceNow = (): Date | undefined => (ahead === undefined ? undefined : new Date(Date.now() + ahead));
