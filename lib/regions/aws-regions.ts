/**
 * What is known of AWS's regions without asking AWS: where each stands, which clock hangs there, and whether an account
 * has to ask for it. A row of the nightly table is held against it. A region that AWS opens later is one more line.
 *
 * @see https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html codes, places and opt-in
 * @see https://data.iana.org/time-zones/tzdb/zone.tab zones by country
 */
interface AwsRegion {
  /** IANA names, the usual one first. */
  readonly timeZones: readonly [string, ...string[]];
  readonly politicalRegion: string;
  readonly optIn: boolean;
}

const region = (politicalRegion: string, ...timeZones: AwsRegion["timeZones"]): AwsRegion => ({
  timeZones,
  politicalRegion,
  optIn: false,
});
const onRequest = (politicalRegion: string, ...timeZones: AwsRegion["timeZones"]): AwsRegion => ({
  ...region(politicalRegion, ...timeZones),
  optIn: true,
});

const EASTERN = "America/New_York";
const INDIA = ["Asia/Kolkata", "Asia/Calcutta"] as const;
const PACIFIC = "America/Los_Angeles";

export const AWS_REGIONS: Readonly<Record<string, AwsRegion>> = {
  "af-south-1": onRequest("South Africa", "Africa/Johannesburg"),
  "ap-east-1": onRequest("Hong Kong", "Asia/Hong_Kong"),
  "ap-east-2": onRequest("Taiwan", "Asia/Taipei"),
  "ap-northeast-1": region("Japan", "Asia/Tokyo"),
  "ap-northeast-2": region("South Korea", "Asia/Seoul"),
  "ap-northeast-3": region("Japan", "Asia/Tokyo"),
  "ap-south-1": region("India", ...INDIA),
  "ap-south-2": onRequest("India", ...INDIA),
  "ap-southeast-1": region("Singapore", "Asia/Singapore"),
  "ap-southeast-2": region("Australia", "Australia/Sydney"),
  "ap-southeast-3": onRequest("Indonesia", "Asia/Jakarta"),
  "ap-southeast-4": onRequest("Australia", "Australia/Melbourne"),
  "ap-southeast-5": onRequest("Malaysia", "Asia/Kuala_Lumpur"),
  "ap-southeast-6": onRequest("New Zealand", "Pacific/Auckland"),
  "ap-southeast-7": onRequest("Thailand", "Asia/Bangkok"),
  "ca-central-1": region("Canada", "America/Toronto", "America/Montreal"),
  "ca-west-1": onRequest("Canada", "America/Edmonton"),
  "eu-central-1": region("EU", "Europe/Berlin"),
  "eu-central-2": onRequest("Switzerland", "Europe/Zurich"),
  "eu-north-1": region("EU", "Europe/Stockholm"),
  "eu-south-1": onRequest("EU", "Europe/Rome"),
  "eu-south-2": onRequest("EU", "Europe/Madrid"),
  "eu-west-1": region("EU", "Europe/Dublin"),
  "eu-west-2": region("UK", "Europe/London"),
  "eu-west-3": region("EU", "Europe/Paris"),
  "il-central-1": onRequest("Israel", "Asia/Jerusalem"),
  "me-central-1": onRequest("UAE", "Asia/Dubai"),
  "me-south-1": onRequest("Bahrain", "Asia/Bahrain"),
  "mx-central-1": onRequest("Mexico", "America/Mexico_City"),
  "sa-east-1": region("Brazil", "America/Sao_Paulo"),
  "us-east-1": region("US", EASTERN),
  "us-east-2": region("US", EASTERN),
  "us-west-1": region("US", PACIFIC),
  "us-west-2": region("US", PACIFIC),
};
