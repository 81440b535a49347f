/**
 * Who is signed in. Kept in this tab only (sessionStorage), never in an address or a log; closing the tab signs out.
 */
export type Session =
  | { readonly kind: "key"; readonly userName: string; readonly apiKey: string }
  | { readonly kind: "token"; readonly token: string };

const ITEM = "backups.session";

export const readSession = (): Session | undefined => {
  try {
    const text = sessionStorage.getItem(ITEM);
    return text === null ? undefined : (JSON.parse(text) as Session);
  } catch {
    return undefined;
  }
};
export const writeSession = (session: Session): void => sessionStorage.setItem(ITEM, JSON.stringify(session));
export const endSession = (): void => sessionStorage.removeItem(ITEM);

/** The published API's header names, or a token as OIDC has it. */
export const sessionHeaders = (session: Session | undefined): Record<string, string> => {
  if (session === undefined) return {};
  if (session.kind === "token") return { Authorization: `Bearer ${session.token}` };
  return { "Mendix-Username": session.userName, "Mendix-ApiKey": session.apiKey };
};
