/** Restores and restore plans, as the API describes them. */
import { z } from "@hono/zod-openapi";
import { unknownCodes, unknownCodesMessage } from "../../restore/acknowledgement";
import { RESTORE_STEPS } from "../../restore/progress";
import { booleanText, finding, givenId, message, state, time } from "./common";

const SOURCE = "A snapshot of any environment of the same app.";
export const planQuery = z.object({
  source_snapshot_id: givenId.openapi({ description: SOURCE }),
  db_only: booleanText,
});
export const restoreQuery = planQuery.extend({
  acknowledge: z
    .string()
    .max(2000)
    .regex(/^(\*|[A-Za-z0-9_-]{1,64}(,[A-Za-z0-9_-]{1,64})*)?$/, "must be codes with commas between them, or *")
    .transform((text) => [...new Set(text.split(",").filter((code) => code !== ""))])
    .refine((codes) => unknownCodes(codes).length === 0, {
      error: ({ input }) => unknownCodesMessage(input as string[]),
    })
    .optional()
    .openapi({
      type: "string",
      description:
        "Codes of the plan's warnings that were read and accepted, with commas between them; * for all. With it, even " +
        "empty, a restore that is warned of anything else waits and touches nothing; without it none is waited for.",
    }),
});

export const planned = z
  .strictObject({
    at: time,
    refusals: z.array(finding).openapi({ description: "Each stops the restore." }),
    warnings: z.array(finding).openapi({
      description: "Each is to be read; a restore with `acknowledge` waits for those that it does not name.",
    }),
    files_to_put: z.int(),
    bytes_to_put: z.int(),
    files_present: z.int(),
    files_to_remove: z
      .int()
      .nullable()
      .openapi({
        description:
          "Files that the target's database names and the snapshot doesn't: removed once the databases are swapped. " +
          "Null where nobody could count them in time.",
      }),
    no_old_files: message.openapi({ description: "Why no file of the target would be removed; else null." }),
    files_to_replace: z.int().openapi({ description: "Files that stand at the target with other bytes." }),
    bytes_to_replace: z.int(),
    database_bytes_needed: z.int().nullable(),
    database_bytes_free: z.int().nullable().openapi({ description: "Null where nobody knows." }),
    estimated_seconds: z.int(),
  })
  .openapi("PlannedRestore");

const shared = {
  source_snapshot_id: z.string(),
  source_environment_id: z.string(),
  target_environment_id: z.string(),
  db_only: z.boolean(),
  state,
  status_message: message,
  created_at: time,
  finished_at: time.nullable(),
  updated_at: time.nullable(),
  phase: z.string().openapi({
    description: "How far it is; `acknowledgement` while it waits, queued, for warnings to be acknowledged.",
  }),
  plan: planned.nullable().openapi({ description: "Null until it has been made." }),
  requested_by: z.string(),
};
export const restorePlan = z.strictObject({ plan_id: z.string(), ...shared }).openapi("RestorePlan");
export const restore = z
  .strictObject({
    restore_id: z.string(),
    ...shared,
    progress: z
      .strictObject({
        step: z.enum(RESTORE_STEPS),
        percent: z.int().min(0).max(100).nullable(),
        message: z.string().openapi({ description: "What is being done, as people say it." }),
      })
      .openapi({
        description:
          "Steps weigh what the plan says that they take; 100 only once it has completed, null where it goes back or failed.",
      }),
    files: z
      .strictObject({
        put: z.int(),
        replaced: z.int().openapi({ description: "Put back over what stood there." }),
        kept: z.int(),
        removed: z.int(),
        left: z
          .int()
          .openapi({ description: "Could not be removed, though the restored database no longer names them." }),
      })
      .openapi({ description: "So far; at the end, what it came to." }),
    acknowledged: z.array(z.string()),
    notes: z.array(finding).openapi({ description: "What the restore could not put back as it was." }),
  })
  .openapi("Restore");
export type RestoreView = z.infer<typeof restore>;
export type RestorePlanView = z.infer<typeof restorePlan>;
export const restoreList = z.strictObject({ restores: z.array(restore) }).openapi("RestoreList");
