/** Changes after which something would no longer outlive its stack, or its replacement. */
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
      'In Osaka, the bucket "primary" would no longer outlive its stack, because DeletionPolicy changes from RetainExceptOnCreate to Delete; keep its removal policy.',
    ],
  },
  {
    change: "a bucket would not outlive its replacement",
    make: (changed) => {
      changed.resource(PRIMARY, BUCKET, "primary").UpdateReplacePolicy = "Delete";
    },
    says: [
      'In Osaka, the bucket "primary" would no longer outlive its replacement, because UpdateReplacePolicy changes from Retain to Delete; keep its removal policy.',
    ],
  },
  {
    change: "the catalog would not outlive its stack",
    make: (changed) => {
      changed.resource(PRIMARY, TABLE, "catalog").DeletionPolicy = "Snapshot";
    },
    says: [
      'In Osaka, the table "catalog" would no longer outlive its stack, because DeletionPolicy changes from Retain to Snapshot; keep its removal policy.',
    ],
  },
  {
    change: "an alias would no longer be kept at all",
    make: (changed) => {
      delete changed.resource(PRIMARY, "AWS::KMS::Alias", "primary").DeletionPolicy;
    },
    says: [
      'In Osaka, the alias "primary" would no longer outlive its stack, because DeletionPolicy changes from RetainExceptOnCreate to nothing; keep its removal policy.',
    ],
  },
  {
    change: "a replacement knows no exception for what has just been made",
    make: (changed) => {
      changed.resource(PRIMARY, BUCKET, "primary").UpdateReplacePolicy = "RetainExceptOnCreate";
    },
    says: [
      'In Osaka, the bucket "primary" would no longer outlive its replacement, because UpdateReplacePolicy changes from Retain to RetainExceptOnCreate; keep its removal policy.',
    ],
  },
];
