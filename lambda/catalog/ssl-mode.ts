/**
 * How a connection is protected, and what holds where nobody said it. `require` encrypts and trusts whoever answers, so
 * it has to be asked for wherever the server's certificate can be verified: Amazon RDS signs one for every address of
 * its own, of instances, clusters and proxies.
 * Source: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html
 */
import { z } from "zod";

export const sslMode = z.enum(["disable", "require", "verify-full"]);
export type SslMode = z.infer<typeof sslMode>;

/** In a file: left out, it is chosen by `withSslMode`. What is stored always has one. */
export const sslModeInFile = sslMode
  .optional()
  .describe('Left out: "verify-full" for a database of Amazon RDS, "require" for any other.');

const RDS_ADDRESS = /(\.rds\.amazonaws\.com|\.rds\.cn-[a-z]+-\d\.amazonaws\.com\.cn)\.?$/i;

interface Server {
  readonly host: string;
  readonly instance?: string | null;
  readonly ssl?: SslMode | undefined;
}
export const withSslMode = <T extends Server>(server: T): T & { readonly ssl: SslMode } => {
  const { host, instance = null, ssl } = server;
  const isRds = instance !== null || RDS_ADDRESS.test(host.trim());
  return { ...server, ssl: ssl ?? (isRds ? "verify-full" : "require") };
};

/** A sentence, with a space before it, where a server that is known already is from now on spoken to otherwise. */
export const sslChange = (was: Pick<Server, "ssl"> | undefined, now: { readonly ssl: SslMode }): string => {
  if (was?.ssl === undefined || was.ssl === now.ssl) return "";
  const means: Readonly<Record<SslMode, string>> = {
    disable: "are no longer encrypted",
    require: "are encrypted, and the server's certificate is not verified",
    "verify-full": "verify the server's certificate and that it names the registered host",
  };
  return ` Its connections now ${means[now.ssl]} ("ssl": "${now.ssl}"); until now it was "${was.ssl}", which the file has to say if it is to stay.`;
};
