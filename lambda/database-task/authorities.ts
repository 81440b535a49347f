/** The certificate authorities in a PEM file, as RDS publishes them for all regions together. Pure. */
import { X509Certificate } from "node:crypto";

export interface Authorities {
  readonly valid: number;
  /** Still in the file, and of no use. */
  readonly ended: number;
  /** Day on which the first of the valid ones ends: `2061-05-19`. */
  readonly first: string;
}

const DAY_MS = 86_400_000;
/** An image lives for a month or two: whoever rebuilds it late has still what to trust. */
const LEAST_DAYS = 365;
const BEGIN = "-----BEGIN CERTIFICATE-----";
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/** Throws an Error with one sentence when the file is cut off, is something else, or holds none that lasts. */
export const readAuthorities = (pem: string, now: Date): Authorities => {
  const blocks = pem.match(CERTIFICATE) ?? [];
  if (blocks.length === 0 || blocks.length !== pem.split(BEGIN).length - 1)
    throw new Error(
      `The file of RDS's certificate authorities holds ${blocks.length} whole certificates and begins ${pem.split(BEGIN).length - 1}; download it again.`,
    );
  const ends = blocks.map((block, index) => endOf(block, index)).toSorted((a, b) => a - b);
  const valid = ends.filter((end) => end > now.getTime());
  const [first] = valid;
  const last = valid.at(-1) ?? 0;
  if (first === undefined || last < now.getTime() + LEAST_DAYS * DAY_MS)
    throw new Error(
      `Of RDS's ${ends.length} certificate authorities none is valid for another year; look for their new file in Amazon RDS's documentation.`,
    );
  return { valid: valid.length, ended: ends.length - valid.length, first: new Date(first).toISOString().slice(0, 10) };
};

/** Milliseconds since 1970. */
const endOf = (block: string, index: number): number => {
  try {
    const certificate = new X509Certificate(block);
    if (certificate.ca) return Date.parse(certificate.validTo);
  } catch (error) {
    throw new Error(`Certificate ${index + 1} of RDS's certificate authorities can't be read; download them again.`, {
      cause: error,
    });
  }
  throw new Error(`Certificate ${index + 1} of RDS's certificate authorities is none of an authority.`);
};
