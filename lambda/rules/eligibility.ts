/** Rule 4: which environments a region's nights back up. Pure; a refusal carries its reason. */
import type { EnvironmentItem } from "../catalog/items";

export type Eligibility = { readonly eligible: true } | { readonly eligible: false; readonly reason: string };

/**
 * Nightly backups begin once the app has been deployed and started, and go on while it is stopped. An app first
 * started in the middle of a window still gets its slot if that has not passed.
 */
export function eligibility(
  environment: Pick<EnvironmentItem, "environmentId" | "firstStartedAt" | "registration">,
  region: string,
  now: Date,
): Eligibility {
  const { environmentId, firstStartedAt, registration } = environment;
  if (registration.region !== region) {
    return { eligible: false, reason: `Environment ${environmentId} is in ${registration.region}, not in ${region}.` };
  }
  if (firstStartedAt === null || Date.parse(firstStartedAt) > now.getTime()) {
    return {
      eligible: false,
      reason: `The app of environment ${environmentId} has not been deployed and started yet.`,
    };
  }
  return { eligible: true };
}
