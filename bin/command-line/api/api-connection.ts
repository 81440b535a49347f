/** The API of one region, and where in it an environment is: paths begin with the app, which users need not know. */
import type { Command } from "commander";
import { type CommonOptions, commonOptions } from "../common-options";
import { CommandFailure, type Surroundings } from "../surroundings";
import { BY_ADDRESS } from "../ways-in";
import { appList, environmentList } from "./answers";
import { apiAddress, apiUrl } from "./api-address";
import { ApiClient, apiPath } from "./api-client";

export interface ApiConnection {
  readonly client: ApiClient;
  /** The environment's path, or one below it: `…/environments/{id}/snapshots`. */
  readonly pathOf: (environmentId: string, ...below: readonly string[]) => Promise<string>;
  /** Of the environments, by app; with `--app` of that one only. */
  readonly environmentIds: () => Promise<ReadonlyMap<string, readonly string[]>>;
}

export function openApi(url: string, options: CommonOptions, surroundings: Surroundings): ApiConnection {
  const client = new ApiClient(apiAddress(url, surroundings.variables), surroundings);
  let known: Promise<ReadonlyMap<string, readonly string[]>> | undefined;
  const environmentIds = (): Promise<ReadonlyMap<string, readonly string[]>> => (known ??= list(client, options.app));
  return {
    client,
    environmentIds,
    pathOf: async (environmentId, ...below) => {
      const app = options.app ?? appWith(await environmentIds(), environmentId, url);
      return apiPath("apps", app, "environments", environmentId, ...below);
    },
  };
}

/** For commands that only the API can do. Throws CommandFailure (2) when no address is given. */
export function requireApi(
  command: Command,
  surroundings: Surroundings,
): { readonly options: CommonOptions; readonly api: ApiConnection } {
  const options = commonOptions(command);
  const url = apiUrl(options, surroundings);
  if (url !== undefined) return { options, api: openApi(url, options, surroundings) };
  throw new CommandFailure(2, [
    `"backups ${command.name()}" asks the API: set ${BY_ADDRESS}. With AWS credentials alone (--stage and --region) only the commands that are not marked (API) work.`,
  ]);
}

async function list(client: ApiClient, only: string | undefined): Promise<ReadonlyMap<string, readonly string[]>> {
  const apps =
    only === undefined
      ? (await client.ask("GET", apiPath("apps"), appList)).apps.map(({ projectId }) => projectId)
      : [only];
  const found = new Map<string, readonly string[]>();
  for (const app of apps) {
    const { environments } = await client.ask("GET", apiPath("apps", app, "environments"), environmentList);
    found.set(
      app,
      environments.map(({ environmentId }) => environmentId),
    );
  }
  return found;
}

function appWith(apps: ReadonlyMap<string, readonly string[]>, environmentId: string, url: string): string {
  for (const [app, ids] of apps) if (ids.includes(environmentId)) return app;
  throw new CommandFailure(1, [
    `No app on which you have a role has an environment ${environmentId} at ${url}; check its name and region.`,
  ]);
}
