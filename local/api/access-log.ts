/** The stage's access log, in the template's own format: shows what would stand in CloudWatch. */
import { appendFile } from "node:fs/promises";

export const writeAccessLine = async (
  file: string,
  format: string,
  context: Readonly<Record<string, unknown>>,
): Promise<void> => {
  const line = format.replace(/\$context\.([A-Za-z.]+)/g, (_, path: string) => valueAt(context, path.split(".")));
  await appendFile(file, `${line}\n`);
};

/** API Gateway writes `-` for what a request does not have. */
const valueAt = (context: unknown, path: readonly string[]): string => {
  let value = context;
  for (const name of path) value = (value as Record<string, unknown> | null | undefined)?.[name];
  return typeof value === "string" || typeof value === "number" ? String(value) : "-";
};
