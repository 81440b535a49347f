/** Stands in for `createCollaborators`: handlers keep what they get for good, so it always leads to the current service. */
import type { Collaborators } from "../../lambda/runtime/collaborators";
import { current } from "./simulated-service";

export const handlerCollaborators = (): Collaborators =>
  new Proxy({} as Collaborators, {
    get: (_, name) => current.collaborators?.[name as keyof Collaborators],
    ownKeys: () => Reflect.ownKeys(current.collaborators ?? {}),
    getOwnPropertyDescriptor: (_, name) => ({
      configurable: true,
      enumerable: true,
      value: current.collaborators?.[name as keyof Collaborators],
    }),
  });
