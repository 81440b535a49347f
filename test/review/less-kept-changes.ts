/** Changes after which something no longer outlives its stack, or its replacement. */
import type { TemplateChange } from "./harmless-changes";

const PRIMARY = "Primary-Osaka";
const BUCKET = "AWS::S3::Bucket";
const TABLE = "AWS::DynamoDB::Table";

export const LESS_KEPT: readonly TemplateChange[] = [
  {
    change: "a bucket would not outlive its stack",
    make: (changed) => {
      changed.resource(PRIMARY, BUCKET, "primary").DeletionPolicy = "Delete";
    },
    says: [
      'In Osaka, the bucket "primary" no longer outlives its stack, because DeletionPolicy changes from RetainExceptOnCreate to Delete.',
    ],
  },
  {
    change: "a bucket would not outlive its replacement",
    make: (changed) => {
      changed.resource(PRIMARY, BUCKET, "primary").UpdateReplacePolicy = "Delete";
    },
    says: [
      'In Osaka, the bucket "primary" no longer outlives its replacement, because UpdateReplacePolicy changes from Retain to Delete.',
    ],
  },
  {
    change: "the catalog would not outlive its stack",
    make: (changed) => {
      changed.resource(PRIMARY, TABLE, "catalog").DeletionPolicy = "Snapshot";
    },
    says: [
      'In Osaka, the table "catalog" no longer outlives its stack, because DeletionPolicy changes from Retain to Snapshot.',
    ],
  },
  {
    change: "an alias would no longer be kept at all",
    make: (changed) => {
      delete changed.resource(PRIMARY, "AWS::KMS::Alias", "primary").DeletionPolicy;
    },
    says: [
      'In Osaka, the alias "primary" no longer outlives its stack, because DeletionPolicy changes from RetainExceptOnCreate to nothing.',
    ],
  },
  {
    change: "a replacement knows no exception for what has just been made",
    make: (changed) => {
      changed.resource(PRIMARY, BUCKET, "primary").UpdateReplacePolicy = "RetainExceptOnCreate";
    },
    says: [
      'In Osaka, the bucket "primary" no longer outlives its replacement, because UpdateReplacePolicy changes from Retain to RetainExceptOnCreate.',
    ],
  },
];
