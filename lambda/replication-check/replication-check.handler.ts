/** Lambda entry point: one round of the replication check. */
import { createHandler } from "../runtime/create-handler";
import { checkReplication } from "./check-replication";
import { replicationCheckInput } from "./contract";

export const handler = createHandler(replicationCheckInput, checkReplication);
