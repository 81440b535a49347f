/** Accounts by their quotas in a region, and how a stage shares them. */
import type { FunctionName } from "../../lib/names";

export interface Account {
  readonly concurrency: { readonly quota: number; readonly reserved: Partial<Record<FunctionName, number>> };
  readonly fargate: { readonly quota: number; readonly taskVcpu: number };
}
const TASK_VCPU = 2;

/** 10 functions and 6 vCPU at a time; Lambda lets nobody reserve of fewer than 100. */
export const NEW_ACCOUNT: Account = {
  concurrency: { quota: 10, reserved: {} },
  fargate: { quota: 6, taskVcpu: TASK_VCPU },
};
/** As AWS raises quotas by itself. */
export const USED_ACCOUNT: Account = {
  concurrency: { quota: 50, reserved: {} },
  fargate: { quota: 16, taskVcpu: TASK_VCPU },
};
/** Lambda's default, and what a stage asks Fargate for. */
export const OLD_ACCOUNT: Account = {
  concurrency: { quota: 1000, reserved: { api: 100 } },
  fargate: { quota: 128, taskVcpu: TASK_VCPU },
};
