/**
 * The nightly table: one row a region, as the service's users know it. A new region is one new row here and nothing
 * else. Source: the users' documentation of backups, section "Nightly Backups".
 */
import type { ResidencyException } from "./residency";

/** A data centre region, as users name it and as AWS does. */
export interface Place {
  /** As users know it: `Frankfurt`. */
  readonly name: string;
  /** As AWS knows it: `eu-central-1`. */
  readonly region: string;
  /** Data moves freely within it (rule 8). */
  readonly politicalRegion: string;
  /** An account has to ask for the region before it can use it. @default false */
  readonly optIn?: true;
}
export interface NightlyRow extends Place {
  readonly replication: Place;
  /** `HH:MM` in UTC. */
  readonly startUtc: string;
  readonly durationMinutes: number;
  /** IANA name, for showing local times. */
  readonly timeZone: string;
  /** Why the replica may leave the primary's political region. */
  readonly residencyException?: ResidencyException;
  /** Earlier replication regions whose replicas live out their time; their stacks stay until they are empty. */
  readonly formerReplicationRegions: readonly Place[];
  /**
   * Region in which this row's replicas began: names there carry no region, so that none ever changes.
   * @default the replication region, as for all rows that never changed it
   */
  readonly firstReplicationRegion?: string;
}

const HOUR = 60;

const BAHRAIN = { name: "Bahrain", region: "me-south-1", politicalRegion: "Bahrain", optIn: true } as const;
const CANADA = { name: "Canada", region: "ca-central-1", politicalRegion: "Canada" } as const;
const CANADA_WEST = { name: "Canada West", region: "ca-west-1", politicalRegion: "Canada", optIn: true } as const;
const CAPE_TOWN = { name: "Cape Town", region: "af-south-1", politicalRegion: "South Africa", optIn: true } as const;
const DUBLIN = { name: "Dublin", region: "eu-west-1", politicalRegion: "EU" } as const;
const FRANKFURT = { name: "Frankfurt", region: "eu-central-1", politicalRegion: "EU" } as const;
const HYDERABAD = { name: "Hyderabad", region: "ap-south-2", politicalRegion: "India", optIn: true } as const;
const JAKARTA = { name: "Jakarta", region: "ap-southeast-3", politicalRegion: "Indonesia", optIn: true } as const;
const LONDON = { name: "London", region: "eu-west-2", politicalRegion: "UK" } as const;
const MELBOURNE = { name: "Melbourne", region: "ap-southeast-4", politicalRegion: "Australia", optIn: true } as const;
const MUMBAI = { name: "Mumbai", region: "ap-south-1", politicalRegion: "India" } as const;
const N_CALIFORNIA = { name: "N. California", region: "us-west-1", politicalRegion: "US" } as const;
const N_VIRGINIA = { name: "N. Virginia", region: "us-east-1", politicalRegion: "US" } as const;
const OHIO = { name: "Ohio", region: "us-east-2", politicalRegion: "US" } as const;
const OREGON = { name: "Oregon", region: "us-west-2", politicalRegion: "US" } as const;
const OSAKA = { name: "Osaka", region: "ap-northeast-3", politicalRegion: "Japan" } as const;
const SAO_PAULO = { name: "São Paulo", region: "sa-east-1", politicalRegion: "Brazil" } as const;
const SEOUL = { name: "Seoul", region: "ap-northeast-2", politicalRegion: "South Korea" } as const;
const SINGAPORE = { name: "Singapore", region: "ap-southeast-1", politicalRegion: "Singapore" } as const;
const SYDNEY = { name: "Sydney", region: "ap-southeast-2", politicalRegion: "Australia" } as const;
const TOKYO = { name: "Tokyo", region: "ap-northeast-1", politicalRegion: "Japan" } as const;
const UAE = { name: "UAE", region: "me-central-1", politicalRegion: "UAE", optIn: true } as const;

const row = (
  place: Place,
  replication: Place,
  startUtc: string,
  hours: number,
  timeZone: string,
  residencyException?: ResidencyException,
): NightlyRow => ({
  ...place,
  replication,
  startUtc,
  durationMinutes: hours * HOUR,
  timeZone,
  ...(residencyException === undefined ? {} : { residencyException }),
  formerReplicationRegions: [],
});

export const NIGHTLY_TABLE: readonly NightlyRow[] = [
  row(BAHRAIN, MUMBAI, "03:00", 1, "Asia/Bahrain", "Bahrain→Mumbai"),
  row(CANADA, CANADA_WEST, "05:00", 1, "America/Toronto"),
  row(CAPE_TOWN, FRANKFURT, "02:00", 1, "Africa/Johannesburg", "Cape Town→Frankfurt"),
  row(DUBLIN, FRANKFURT, "23:00", 3, "Europe/Dublin"),
  row(FRANKFURT, DUBLIN, "00:00", 3, "Europe/Berlin"),
  row(JAKARTA, SINGAPORE, "00:00", 1, "Asia/Jakarta", "Jakarta→Singapore"),
  row(LONDON, FRANKFURT, "23:00", 2, "Europe/London", "London→Frankfurt"),
  row(MUMBAI, HYDERABAD, "19:30", 1, "Asia/Kolkata"),
  row(N_VIRGINIA, N_CALIFORNIA, "05:00", 4, "America/New_York"),
  row(OREGON, OHIO, "07:00", 1, "America/Los_Angeles"),
  row(OSAKA, TOKYO, "00:00", 1, "Asia/Tokyo"),
  row(SAO_PAULO, N_VIRGINIA, "00:00", 1, "America/Sao_Paulo", "São Paulo→N. Virginia"),
  row(SEOUL, SINGAPORE, "00:00", 1, "Asia/Seoul", "Seoul→Singapore"),
  row(SINGAPORE, SYDNEY, "17:00", 1, "Asia/Singapore", "Singapore→Sydney"),
  row(SYDNEY, MELBOURNE, "07:00", 1, "Australia/Sydney"),
  row(TOKYO, OSAKA, "16:00", 1, "Asia/Tokyo"),
  row(UAE, MUMBAI, "00:00", 1, "Asia/Dubai", "UAE→Mumbai"),
];
