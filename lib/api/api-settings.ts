/** What the API function is told besides the settings that all functions have: the nightly table, and who issues tokens. */
import type { ApiSettingsVariable } from "../../lambda/api/contract";
import type { Stage } from "../config/load-configuration";
import { NIGHTLY_TABLE } from "../regions/nightly-table";

/** Every row of the table, also of regions that the stage leaves out: people are shown the whole picture. */
export const apiSettingsVariable = ({ stage, rows, api }: Pick<Stage, "stage" | "rows" | "api">): string =>
  JSON.stringify({
    stage,
    oidc: api.oidc ?? null,
    ...(api.registering === undefined ? {} : { registering: api.registering }),
    regions: NIGHTLY_TABLE.map(({ name, region, replication, startUtc, durationMinutes }) => [
      name,
      region,
      replication.name,
      replication.region,
      startUtc,
      durationMinutes,
      rows.some((row) => row.region === region),
    ]),
  } satisfies ApiSettingsVariable);
