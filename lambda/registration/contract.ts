/** Registering environments: invoked directly by `backups register`, authorised by the caller's IAM identity. */
import { z } from "zod";
import { drillTarget } from "../catalog/drills";
import { registrationFile } from "../catalog/registration";

export const registrationRequest = z.discriminatedUnion("action", [
  z.object({ action: z.literal("register"), registration: registrationFile }),
  /** The app has been deployed and started (rule 4). */
  z.object({ action: z.literal("started"), environmentId: z.string(), modelVersion: z.string().optional() }),
  z.object({ action: z.literal("stopped"), environmentId: z.string() }),
  z.object({ action: z.literal("show"), environmentId: z.string() }),
  /** Starts the probe workflow; its findings appear in `show`. */
  z.object({ action: z.literal("probe"), environmentId: z.string() }),
  /** Where the region's restore drills take place; null: nowhere any more. */
  z.object({ action: z.literal("drill-target"), target: drillTarget.nullable() }),
]);
export type RegistrationRequest = z.infer<typeof registrationRequest>;
/** `ok: false` carries one sentence: what is wrong, where, what to do. */
export const registrationResponse = z.discriminatedUnion("ok", [
  z.object({ ok: z.literal(true), message: z.string(), environment: z.unknown().optional() }),
  z.object({ ok: z.literal(false), message: z.string() }),
]);
export type RegistrationResponse = z.infer<typeof registrationResponse>;

/** Probe workflow input; the task runs `probe <environmentId>` in the environment's network. */
export const probeExecutionInput = z.object({
  environmentId: z.string(),
  network: z.object({
    subnets: z.array(z.string()),
    securityGroups: z.array(z.string()),
    assignPublicIp: z.enum(["ENABLED", "DISABLED"]),
  }),
});
export type ProbeExecutionInput = z.infer<typeof probeExecutionInput>;
