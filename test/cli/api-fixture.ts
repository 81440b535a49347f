/** The command line against the real API over HTTP, on the small world of the API's own tests. */
import { runCommandLine } from "../../bin/command-line/run-command-line";
import type { Surroundings } from "../../bin/command-line/surroundings";
import { serveApi, type ApiServer } from "../support/api-server";
import { createApiWorld, type ApiWorld } from "../support/api-world";
import { expectNoSecrets } from "../support/no-secrets";
import { barsIn, NOTHING_ELSE, type ShownBar } from "./cli-fixture";
import { startTransferServer, type TransferServer } from "./transfer-server";

export interface ApiCommandLine {
  readonly world: ApiWorld;
  readonly server: ApiServer;
  readonly storage: TransferServer;
  readonly out: string[];
  readonly err: string[];
  readonly bars: ShownBar[];
  /** Requests to the API and the storage, in order; replace it to let some fail. */
  fetch: typeof fetch;
  /** What happens in the world while the command line waits. */
  onSleep: () => Promise<void>;
  /** What `-` writes to. */
  standardOutput: Surroundings["standardOutput"];
  /** As this person, for whom the world has a key. */
  person: string;
  variables: Record<string, string | undefined>;
  readonly run: (...args: string[]) => Promise<number>;
  /** The one JSON document that was printed. */
  readonly document: () => unknown;
  /** Everything printed so far is forgotten. */
  readonly clear: () => void;
  readonly close: () => Promise<void>;
}

export async function startApiCommandLine(): Promise<ApiCommandLine> {
  const storages: TransferServer[] = [];
  // The presigner is wanted before there is a store to serve.
  const world = await createApiWorld({
    change: () => ({
      presigner: {
        getUrl: (...given) => storageOf().presigner.getUrl(...given),
        partUrl: (...given) => storageOf().presigner.partUrl(...given),
      },
    }),
  });
  const storageOf = (): TransferServer => {
    const [found] = storages;
    if (found === undefined) throw new Error("The storage is not there yet.");
    return found;
  };
  storages.push(await startTransferServer(world.fakes.store));
  const storage = storageOf();
  const server = await serveApi(world.api);
  const [out, err]: [string[], string[]] = [[], []];
  const bars: ShownBar[] = [];
  const surroundings = (): Surroundings => ({
    ...NOTHING_ELSE,
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    now: () => world.fakes.clock.now(),
    sleep: async (milliseconds) => {
      world.fakes.clock.advance(milliseconds);
      await line.onSleep();
    },
    variables: line.variables,
    fetch: (input, init) => line.fetch(input, init),
    startBar: barsIn(bars),
    standardOutput: () => line.standardOutput(),
  });
  const line: ApiCommandLine = {
    world,
    server,
    storage,
    out,
    err,
    bars,
    fetch: (input, init) => fetch(input, init),
    onSleep: async () => undefined,
    standardOutput: NOTHING_ELSE.standardOutput,
    person: "admin",
    variables: {},
    run: (...args) => {
      line.variables = {
        BACKUPS_URL: server.address,
        BACKUPS_USERNAME: line.person,
        BACKUPS_API_KEY: world.keyOf(line.person),
        ...line.variables,
      };
      return runCommandLine(args, surroundings());
    },
    document: () => JSON.parse(out.join("\n")) as unknown,
    clear: () => {
      out.length = 0;
      err.length = 0;
      bars.length = 0;
    },
    close: async () => {
      await server.close();
      await storage.close();
      const printed = [
        { name: "standard output", text: out.join("\n") },
        { name: "standard error", text: err.join("\n") },
      ];
      expectNoSecrets(printed, [{ name: "the key", value: world.keyOf(line.person) }]);
    },
  };
  return line;
}
