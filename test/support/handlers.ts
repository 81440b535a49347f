/** The functions' own handlers, loaded once and called in this process; see `crash/handler-collaborators.ts`. */
import type { Collaborators } from "../../lambda/runtime/collaborators";

export type LambdaHandler = (event: unknown, context: { getRemainingTimeInMillis(): number }) => Promise<unknown>;

/** What `createCollaborators` gives the handlers; see `handler-collaborators.ts`. */
export const current: { collaborators: Collaborators | undefined } = { collaborators: undefined };

const handlers = new Map<string, LambdaHandler>();
export const handlerOf = async (functionName: string): Promise<LambdaHandler> => {
  const known = handlers.get(functionName);
  if (known !== undefined) return known;
  const { FUNCTION_ENTRIES } = await import("../../lib/assets/entries");
  const entry = (FUNCTION_ENTRIES as Record<string, string>)[functionName];
  if (entry === undefined) throw new Error(`No function ${functionName}.`);
  const loaded = (await import(`../../${entry}`)) as { handler: LambdaHandler };
  handlers.set(functionName, loaded.handler);
  return loaded.handler;
};
