/**
 * Stands in for `lambda/runtime/create-collaborators` in the crash tests: the real handlers get the simulated
 * service's collaborators. Handlers keep what they get for good, so it always leads to the service of the moment.
 */
import type { Collaborators } from "../../lambda/runtime/collaborators";
import { PLACES_VARIABLE } from "../../lambda/places/contract";
import { current } from "../support/handlers";

/** As in a new account, unless a test has said otherwise; handlers read it when they are loaded, after this. */
process.env[PLACES_VARIABLE] ??= "5";

export const createCollaborators = (): Collaborators =>
  new Proxy({} as Collaborators, {
    get: (_, name) => current.collaborators?.[name as keyof Collaborators],
    ownKeys: () => Reflect.ownKeys(current.collaborators ?? {}),
    getOwnPropertyDescriptor: (_, name) => ({
      configurable: true,
      enumerable: true,
      value: current.collaborators?.[name as keyof Collaborators],
    }),
  });
