/** What only the API function reads: one variable with JSON, written by `lib`. */
import { z } from "zod";

export const API_SETTINGS_VARIABLE = "API";

/** A row of the nightly table as users see it. Times of day are UTC. */
export const regionRow = z.object({
  name: z.string(),
  region: z.string(),
  replicationName: z.string(),
  replicationRegion: z.string(),
  startUtc: z.string().regex(/^\d\d:\d\d$/),
  durationMinutes: z.number().int().positive(),
  /** Whether this stage is deployed there. */
  deployed: z.boolean(),
});
export type RegionRow = z.infer<typeof regionRow>;

/** A row as it stands in the variable: a list in the order of the fields, because all variables share 4 KB. */
const { name, region, replicationName, replicationRegion, startUtc, durationMinutes, deployed } = regionRow.shape;
const rowAsList = z
  .tuple([name, region, replicationName, replicationRegion, startUtc, durationMinutes, deployed])
  .transform((fields): RegionRow => ({
    name: fields[0],
    region: fields[1],
    replicationName: fields[2],
    replicationRegion: fields[3],
    startUtc: fields[4],
    durationMinutes: fields[5],
    deployed: fields[6],
  }));

export const apiSettings = z.object({
  /** The deployment's stage, as it is chosen at synthesis. */
  stage: z.string(),
  /** Who issues tokens for people; null where only keys sign in. */
  oidc: z
    .object({
      issuer: z.url(),
      audiences: z.array(z.string()).min(1),
      /** The claim that names a principal, such as `email` or `sub`. */
      principalClaim: z.string(),
    })
    .nullable(),
  /**
   * Who may give an app's environments a database or bucket that the app doesn't have yet: only those who
   * administer every app, or its own administrators too, as far as no other app has them. @default "every-app"
   */
  registering: z.enum(["app", "every-app"]).optional(),
  /** All rows of the nightly table, this region's among them. */
  regions: z.array(z.union([regionRow, rowAsList])),
});
export type ApiSettings = z.output<typeof apiSettings>;
export type ApiSettingsVariable = z.input<typeof apiSettings>;
