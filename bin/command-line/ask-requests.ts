/** Asks the requests function, and ends the command with its sentences when it says no. */
import type { z } from "zod";
import { requestRefused, type RequestsRequest } from "../../lambda/requests/contract";
import { CommandFailure, type Deployment } from "./surroundings";

export async function askRequests<T>(
  deployment: Deployment,
  request: RequestsRequest,
  accepted: z.ZodType<T>,
): Promise<T> {
  const answer = await deployment.invoke("requests", request);
  const refusal = requestRefused.safeParse(answer);
  if (refusal.success) throw new CommandFailure(1, refusal.data.message.split("\n"));
  const parsed = accepted.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new CommandFailure(1, [
    "The requests function answered in an unknown form; update this checkout to the deployed version.",
  ]);
}
