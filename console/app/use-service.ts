/** Which service answers: its region and stage, and its clock, which is set anew from time to time. */
import { useEffect } from "react";
import { peek } from "../api/early";
import type { RegionList } from "../api/types";
import { setServiceTime } from "./clock";
import { useAnswer } from "./use-answer";
import { usePolling } from "./use-polling";

const RENEW_MS = 5 * 60_000;
export const REGIONS_PATH = "regions";

export interface Service {
  /** `Frankfurt` */
  readonly name: string;
  /** `eu-central-1` */
  readonly region: string;
  readonly stage: string;
}
/** Undefined until it has told. */
export const useService = (): Service | undefined => {
  const { value, reload } = useAnswer<RegionList>(REGIONS_PATH);
  usePolling(reload, RENEW_MS);
  useEffect(() => {
    if (value !== undefined) setServiceTime(value.now);
  }, [value]);
  if (value === undefined) return undefined;
  const { region, regions, stage } = value;
  return { name: regions.find((one) => one.region === region)?.name ?? region, region, stage };
};
/** For the very first picture. */
export const setEarlyServiceTime = (): void => {
  const early = peek<RegionList>(REGIONS_PATH);
  if (early !== undefined) setServiceTime(early.now);
};
