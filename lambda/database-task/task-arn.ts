/** Who this task is: its ARN from ECS's metadata endpoint (version 4), or a random name where there is no ECS. */
import { z } from "zod";
import type { Randomness } from "../runtime/collaborators";

const METADATA_MS = 5_000;
const TRIES = 3;
const metadata = z.object({ TaskARN: z.string().min(1) });

/** `endpoint` is `ECS_CONTAINER_METADATA_URI_V4`. A task that can't learn its name must not work: it throws. */
export const findTaskArn = async (endpoint: string | undefined, random: Randomness): Promise<string> => {
  if (endpoint === undefined || endpoint === "") return `local-task/${Buffer.from(random(16)).toString("hex")}`;
  for (let tries = 1; ; tries++) {
    try {
      const response = await fetch(`${endpoint}/task`, { signal: AbortSignal.timeout(METADATA_MS) });
      if (!response.ok) throw new Error(`the metadata endpoint answers ${response.status}`);
      return metadata.parse(await response.json()).TaskARN;
    } catch (error) {
      if (tries >= TRIES)
        throw new Error("The task can't learn its own ARN from ECS, so it does nothing.", { cause: error });
    }
  }
};
