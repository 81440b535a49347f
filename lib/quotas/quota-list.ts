/**
 * AWS's quotas that a stage comes near to, as data with their sources: defaults as AWS documents them, by region where
 * regions differ. Those without a code are looked up by words of their names when a command needs it.
 */
import { z } from "zod";
import data from "./quotas.json";

const quota = z.strictObject({
  /** As Service Quotas names it. */
  service: z.string().regex(/^[a-z0-9-]+$/),
  name: z.string(),
  code: z
    .string()
    .regex(/^L-[0-9A-F]{8}$/)
    .optional(),
  /** Words that no other quota of the service has together in its name. */
  find: z.array(z.string()).min(1).optional(),
  default: z.number().int(),
  /** Where it is another one. */
  regions: z.record(z.string(), z.number().int()).optional(),
  /** Of an account in its first weeks, where AWS says so. */
  newAccounts: z.number().int().optional(),
  /** More than this AWS gives nobody. */
  most: z.number().int().optional(),
  scope: z.enum(["region", "account"]),
  adjustable: z.boolean(),
  note: z.string().optional(),
  source: z.url({ protocol: /^https$/, hostname: /^docs\.aws\.amazon\.com$/ }),
  /** Types of CloudFormation, counted in the synthesized templates. */
  counts: z.array(z.string()).optional(),
});
export type Quota = z.infer<typeof quota>;

const NAMES = Object.keys(data.quotas) as readonly (keyof typeof data.quotas)[];
export type QuotaName = keyof typeof data.quotas;

export const QUOTAS_AS_OF = data.asOf;
export const QUOTAS: ReadonlyMap<QuotaName, Quota> = new Map(
  NAMES.map((name) => [name, quota.parse(data.quotas[name])]),
);

export const quotaOf = (name: QuotaName): Quota => {
  const found = QUOTAS.get(name);
  if (found === undefined) throw new Error(`There is no quota ${name}.`);
  return found;
};

/** What an account has without asking. */
export const defaultIn = ({ default: usual, regions, newAccounts }: Quota, region: string, isNew: boolean): number =>
  (isNew ? newAccounts : undefined) ?? regions?.[region] ?? usual;
