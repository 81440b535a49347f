/**
 * Who is signed in. Kept in the tabs only (sessionStorage), never in an address, on disk or in a log; closing the last
 * tab signs out. `session-tabs.ts` hands it to tabs that are opened later.
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
export const isSameSession = (one: Session | undefined, other: Session | undefined): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

/** The published API's header names, or a token as OIDC has it. */
export const sessionHeaders = (session: Session | undefined): Record<string, string> => {
  if (session === undefined) return {};
  if (session.kind === "token") return { Authorization: `Bearer ${session.token}` };
  return { "Mendix-Username": session.userName, "Mendix-ApiKey": session.apiKey };
};

let refused: Session | undefined;
let whenRefused: ((session: Session) => void) | undefined;
/** The service doesn't know this session any more. */
export const noteRefused = (session: Session): void => {
  refused = session;
  whenRefused?.(session);
};
/** Also told of what was refused before the page's scripts had come. */
export const onRefused = (listener: (session: Session) => void): void => {
  whenRefused = listener;
  if (refused !== undefined) listener(refused);
};
