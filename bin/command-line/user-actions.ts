/**
 * What users do with snapshots, whichever way the service is asked: through its functions, authorised by the caller's
 * own AWS identity, or through the API. Commands that both can do are written against this. Failures are CommandFailures.
 */
import type { RegistrationFile } from "../../lambda/catalog/registration";
import type { PublicDrill } from "../../lambda/drill/public-drill";
import type { PublicRestore, PublicSnapshot } from "../../lambda/requests/contract";
import { type ApiConnection, openApi } from "./api/api-connection";
import { apiActions } from "./api/api-actions";
import { apiUrl } from "./api/api-address";
import { type CommonOptions, connect } from "./common-options";
import type { ShownDrills } from "./describe-drills";
import { iamActions } from "./iam-actions";
import type { Surroundings } from "./surroundings";
import { namingBothWays } from "./ways-in";

export interface ActionAnswer {
  /** What was done, in one sentence. */
  readonly message: string;
  /** For scripts. */
  readonly environment?: unknown;
}
export interface ShownEnvironment {
  /** For scripts, and for people. */
  readonly document: unknown;
  readonly lines: readonly string[];
  readonly probe: { readonly at: string; readonly findings: readonly string[] } | null;
}
export interface RestoreWish {
  readonly snapshotId: string;
  /** The environment that the snapshot was taken of; undefined: the API finds it among the app's. */
  readonly from: string | undefined;
  readonly to: string;
  readonly databaseOnly: boolean;
  readonly acknowledged: readonly string[];
}

export interface UserActions {
  register(registration: RegistrationFile): Promise<ActionAnswer>;
  started(environmentId: string, modelVersion: string | undefined): Promise<ActionAnswer>;
  stopped(environmentId: string): Promise<ActionAnswer>;
  show(environmentId: string): Promise<ShownEnvironment>;
  /** Begins a probe; the environment as it was before. */
  probe(environmentId: string): Promise<ShownEnvironment>;
  backup(environmentId: string, comment: string): Promise<{ readonly message: string; readonly snapshotId: string }>;
  snapshots(environmentId: string): Promise<readonly PublicSnapshot[]>;
  /** Undefined: there is none, or no longer. */
  snapshot(environmentId: string, snapshotId: string): Promise<PublicSnapshot | undefined>;
  restore(wish: RestoreWish): Promise<{ readonly message: string; readonly restore: PublicRestore }>;
  /** `into` spares the API a search. */
  restoreStatus(restoreId: string, into: string | undefined): Promise<PublicRestore>;
  drills(environmentId: string): Promise<ShownDrills>;
  /** Null: a random one of the last 30 days. */
  runDrill(environmentId: string, snapshotId: string | null): Promise<PublicDrill>;
  /** Waits until it is gone for every user, at most so long; null: doesn't wait, where that takes long. */
  deleteSnapshot(
    environmentId: string,
    snapshotId: string,
    limitSeconds: number | null,
  ): Promise<{ readonly message: string; readonly executionArn?: string }>;
}

export async function openActions(
  options: CommonOptions,
  surroundings: Surroundings,
  region = options.region,
): Promise<UserActions> {
  const url = options.recovery === undefined ? apiUrl(options, surroundings) : undefined;
  if (url === undefined) {
    const deployment = connect(options, surroundings, region);
    return iamActions(
      options.recovery === undefined ? await namingBothWays(deployment) : await deployment,
      surroundings,
    );
  }
  const api: ApiConnection = openApi(url, options, surroundings);
  return apiActions(api, surroundings);
}
