/** The upload workflow's input. Its steps are the backup workflow's own (see lambda/backup/contract.ts). */
import { z } from "zod";
import { backupExecutionName, backupRequest } from "../backup/contract";

/** The task runs `unpack <environmentId> <snapshotId> <attemptId> <uploadId>`. */
export const uploadExecutionInput = z.object({ request: backupRequest, uploadId: z.string() });
export type UploadExecutionInput = z.infer<typeof uploadExecutionInput>;

export const uploadExecutionName = backupExecutionName;
