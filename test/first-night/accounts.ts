/** Accounts by their quotas in a region, and how a stage shares them. */
import { placesOf } from "../../lib/config/check-concurrency";
import type { FunctionName } from "../../lib/names";

export interface Account {
  readonly concurrency: { readonly quota: number; readonly reserved: Partial<Record<FunctionName, number>> };
  readonly places: number;
  readonly fargate: { readonly quota: number; readonly taskVcpu: number };
}
const TASK_VCPU = 2;

const account = (functions: number, api: number, vcpu: number): Account => ({
  concurrency: { quota: functions, reserved: api === 0 ? {} : { api } },
  places: placesOf({ account: functions, api }),
  fargate: { quota: vcpu, taskVcpu: TASK_VCPU },
});

/** 10 functions and 6 vCPU at a time; Lambda lets nobody reserve of fewer than 100. */
export const NEW_ACCOUNT = account(10, 0, 6);
/** As AWS raises quotas by itself. */
export const USED_ACCOUNT = account(50, 0, 16);
/** Lambda's default, with something kept for the API, and what a stage asks Fargate for. */
export const OLD_ACCOUNT = account(1000, 100, 128);
