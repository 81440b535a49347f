/** What every part of the story works with, and the few ways in which it asks the running app. */
import { DynamoDbTable, createDocumentClient } from "../../lambda/catalog/dynamodb-table-client";
import { allPages, Catalog } from "../../lambda/catalog/catalog";
import type { SnapshotItem } from "../../lambda/catalog/items";
import type { RequestsRequest, RequestsResponse } from "../../lambda/requests/contract";
import type { RegistrationRequest, RegistrationResponse } from "../../lambda/registration/contract";
import type { LocalApp } from "../local-app";
import type { FileReader } from "../environments/file-fingerprint";
import type { LocalEnvironment } from "../environments/environment";
import type { AppResource } from "../template/app";
import type { ApiClient } from "./api-client";
import type { Progress } from "./progress";
import type { Report } from "./report";
import type { Secrets } from "./secrets";

/** How the person at the command line is called in the record of calls; no role of the templates. */
export const USER = "command-line";

export interface StoryContext {
  readonly local: LocalApp;
  readonly report: Report;
  readonly progress: Progress;
  readonly catalog: Catalog;
  readonly reader: FileReader;
  /** With a ready-made key that may do everything. */
  readonly api: ApiClient;
  readonly secrets: Secrets;
  /** For downloads, and where the run's logs are. */
  readonly folder: string;
  readonly logFolder: string;
  /** Folder of `pg_restore`. */
  readonly programs: string;
  readonly source: LocalEnvironment;
  readonly target: LocalEnvironment;
  readonly primaryBucket: string;
  readonly replicaBucket: string;
  readonly transferBucket: string;
  /** What the environments' secrets carry. */
  readonly tag: ResourceTag;
}
export interface ResourceTag {
  readonly Key: string;
  readonly Value: string;
}

export const openCatalog = (local: LocalApp): Catalog => {
  const table = only(local.app.all("AWS::DynamoDB::Table"), "table");
  const credentials = { accessKeyId: USER, secretAccessKey: "local" };
  return new Catalog(
    new DynamoDbTable(
      createDocumentClient({ region: table.region, endpoint: local.endpoint.origin, credentials }),
      table.name,
    ),
  );
};

export const only = <T>(found: readonly T[], what: string): T => {
  const [first, second] = found;
  if (first === undefined || second !== undefined)
    throw new Error(`The synthesized app has ${found.length} resources of the kind "${what}"; one is needed.`);
  return first;
};

/** The function, workflow or bucket whose name ends in `-<what>`. */
export const named = <T extends { readonly name: string }>(found: readonly T[], what: string): T =>
  only(
    found.filter(({ name }) => name.endsWith(`-${what}`)),
    what,
  );

export const functionNamed = (local: LocalApp, what: string): AppResource =>
  named<AppResource>(local.app.all("AWS::Lambda::Function"), what);

/** What `npx backups register` and its sisters do. */
export const askRegistration = async (
  local: LocalApp,
  request: RegistrationRequest | Record<string, unknown>,
): Promise<RegistrationResponse> =>
  (await local.functions.invoke(
    functionNamed(local, "registration").attribute("Arn"),
    request,
  )) as RegistrationResponse;

/** What `npx backups create`, `restore` and `list` do. */
export const askRequests = async (local: LocalApp, request: RequestsRequest): Promise<RequestsResponse> =>
  (await local.functions.invoke(functionNamed(local, "requests").attribute("Arn"), request)) as RequestsResponse;

export const snapshotsOf = async (
  { catalog }: Pick<StoryContext, "catalog">,
  environmentId: string,
): Promise<readonly SnapshotItem[]> => {
  const found: SnapshotItem[] = [];
  for await (const snapshot of allPages((cursor) => catalog.listSnapshots(environmentId, cursor))) found.push(snapshot);
  return found;
};

/** Lets everything that was started come to its end. */
export const settle = (local: LocalApp): Promise<void> =>
  local.clock.advanceTo(minutesAfter(local.clock.now(), 24 * 60), () => !local.executions.anyRunning());

/** Measures a part of the story: its time and its requests by role. */
export const part = async <T>(
  { report, local, progress }: Pick<StoryContext, "report" | "local" | "progress">,
  name: string,
  work: () => Promise<T>,
): Promise<T> => {
  progress.title(name);
  local.calls.takeCounts();
  const begin = Date.now();
  try {
    return await work();
  } finally {
    report.parts.push({
      part: name,
      seconds: (Date.now() - begin) / 1000,
      simulatedTime: local.clock.now().toISOString(),
      requests: local.calls.takeCounts(),
    });
  }
};

export const minutesAfter = (time: Date, minutes: number): Date => new Date(time.getTime() + minutes * 60_000);
