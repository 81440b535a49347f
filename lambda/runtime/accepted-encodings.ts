/** The encodings that an `Accept-Encoding` header names and doesn't refuse with `q=0` (RFC 9110, 12.5.3), in lower case. Pure. */
export const acceptedEncodings = (header: string): ReadonlySet<string> =>
  new Set(
    header
      .split(",")
      .map((one) => one.trim().toLowerCase().split(";"))
      .filter(([, quality]) => !/^\s*q=0(\.0*)?\s*$/.test(quality ?? ""))
      .map(([name = ""]) => name.trim()),
  );
