/**
 * How much of each quota a stage needs, by region: what its templates count, and what its nights use. Every number says
 * how it came about. Pure.
 */
import { countAll, countIn, countInBootstrap, type ResourceCounts } from "./count-resources";
import { firstNight, laterNights, PACKERS_EACH, type NightLoad } from "./night-load";
import { QUOTAS, type Quota, type QuotaName } from "./quota-list";

export interface QuotaWish {
  readonly rows: readonly { readonly region: string; readonly durationMinutes: number }[];
  /** Environments of a region. */
  readonly environmentsIn: (region: string) => number;
  readonly dumpMinutes: number;
  readonly packMinutes: number;
  readonly vcpu: number;
  readonly requestsPerSecond: number;
  readonly counts: ResourceCounts;
  /** Of the recovery of a lost region, which comes on top of all. */
  readonly recoveryCounts: ResourceCounts;
}
export interface Need {
  readonly quota: QuotaName;
  /** Null for a quota of the whole account. */
  readonly region: string | null;
  readonly amount: number;
  /** The arithmetic, as part of a sentence. */
  readonly why: string;
}

/** A restore, a drill, an upload and a probe beside the night's dumps. */
const OTHER_TASKS = 4;
/** A packer's function works for so long at least before it is called again, with three steps of the workflow around it. */
const PACK_CALL_SECONDS = 10;
const STEPS_A_CALL = 3;
/** Of one backup besides its packers, over its whole length. */
const STEPS_A_BACKUP = 30;

export const needsOf = (wish: QuotaWish): readonly Need[] => [
  ...wish.rows.flatMap((row) => nightNeeds(wish, row)),
  ...[...QUOTAS].flatMap(([name, quota]) => countNeeds(wish, name, quota)),
];

const nightNeeds = (wish: QuotaWish, { region, durationMinutes }: QuotaWish["rows"][number]): readonly Need[] => {
  const environments = wish.environmentsIn(region);
  const { dumpMinutes, packMinutes, vcpu, requestsPerSecond, counts } = wish;
  const night = { environments, durationMinutes, dumpMinutes, packMinutes };
  const [first, later] = [firstNight(night), laterNights(night)];
  const functions = countIn(counts, region, ["AWS::Lambda::Function"]);
  const need = (quota: QuotaName, amount: number, why: string): Need => ({
    quota,
    region,
    amount: Math.ceil(amount),
    why,
  });
  const transitions = ({ packers, dumps }: NightLoad): number =>
    (packers * STEPS_A_CALL) / PACK_CALL_SECONDS + (dumps * STEPS_A_BACKUP) / (dumpMinutes * 60);
  const laterOf = (before: number, after: number): string => (after === before ? "" : ` (later ${after})`);
  return [
    need(
      "concurrentFunctions",
      first.packers + requestsPerSecond + functions,
      `${first.packing} environment${first.packing === 1 ? "" : "s"} packed at once in the first night${laterOf(first.packing, later.packing)} by ${PACKERS_EACH} packers each, ${requestsPerSecond} requests of the API, and each of the ${functions} functions once`,
    ),
    need(
      "fargateVcpu",
      (first.dumps + OTHER_TASKS) * vcpu,
      `${first.dumps} dumps at once in the first night${laterOf(first.dumps, later.dumps)} and ${OTHER_TASKS} other tasks, of ${vcpu} vCPU each`,
    ),
    need(
      "stateTransitions",
      transitions(first),
      `${first.packers} packers, each called every ${PACK_CALL_SECONDS} seconds`,
    ),
    need(
      "executionStarts",
      first.packers / PACK_CALL_SECONDS + first.starts / 60,
      `${first.starts} backups in the busiest minute, and their packers`,
    ),
    need(
      "openExecutions",
      environments * (2 + PACKERS_EACH),
      `${environments} environments, each with its backup, its check and its packers`,
    ),
    need(
      "networkInterfaces",
      first.dumps + OTHER_TASKS,
      `one for each of ${first.dumps + OTHER_TASKS} tasks, beside what your networks have`,
    ),
    need("apiRequests", requestsPerSecond, "the stage's own throttling of its API"),
  ];
};
const countNeeds = (
  { counts, recoveryCounts }: QuotaWish,
  name: QuotaName,
  { counts: types, scope }: Quota,
): readonly Need[] => {
  if (types === undefined) return [];
  const regions = [...counts.keys()].toSorted();
  const ofBootstrap = countInBootstrap(types);
  const bootstrapped = ofBootstrap === 0 ? "" : `, ${ofBootstrap} of CDK's bootstrap`;
  if (scope === "region")
    return regions.map((region) => ({
      quota: name,
      region,
      amount: countIn(counts, region, types) + ofBootstrap,
      why: `counted in the templates${bootstrapped}`,
    }));
  const [standing, recovery] = [countAll(counts, types), countAll(recoveryCounts, types)];
  return [
    {
      quota: name,
      region: null,
      amount: standing + regions.length * ofBootstrap + recovery,
      why: `${standing} counted in the templates, ${regions.length * ofBootstrap} of CDK's bootstrap in ${regions.length} regions, and ${recovery} more while a lost region is recovered`,
    },
  ];
};
