/**
 * Turns what the PostgreSQL driver throws into one clear sentence: unreachable, wrong password, database missing,
 * permission missing, TLS. The server's own message is quoted; it never holds a password.
 */
import { ServiceFailure } from "../runtime/collaborators";
import { isError } from "../runtime/is-error";
import { type DatabaseLogin, serverOf } from "./database-login";

/** Sockets that never opened or broke: Node's codes. */
const NETWORK_CODES = new Set([
  "ENOTFOUND",
  "EAI_AGAIN",
  "ECONNREFUSED",
  "ECONNRESET",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EPIPE",
  "ENOENT",
]);
const CERTIFICATE_CODES = /^(CERT_|SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_|ERR_TLS_|ERR_SSL_|EPROTO$)/;
/** What the driver says without a code when a connection breaks or doesn't come about. */
const LOST_CONNECTION =
  /timeout expired|timeout exceeded|Connection terminated|connection error|not queryable|Client was closed/i;

export const errorCode = (error: unknown): string =>
  typeof error === "object" && error !== null && "code" in error && typeof error.code === "string" ? error.code : "";

export const errorMessage = (error: unknown): string => {
  // A host with several addresses fails with one error for each, and the driver's sum of them has no message.
  if (error instanceof AggregateError && error.message === "") return error.errors.map(errorMessage).join("; ");
  return isError(error) ? error.message : String(error);
};

/** The connection broke, or the server is going down: what was asked may or may not have happened. */
export const isConnectionLost = (error: unknown): boolean => {
  const code = errorCode(error);
  return (
    code.startsWith("08") ||
    /^57P0[123]$/.test(code) ||
    NETWORK_CODES.has(code) ||
    (code === "" && LOST_CONNECTION.test(errorMessage(error)))
  );
};

/** The server's trouble, whatever was asked: the connection broke, or disk, memory or connections ran out. */
export const isServersTrouble = (error: unknown): boolean =>
  isConnectionLost(error) || /^(?:53|58)/.test(errorCode(error));

/** For errors while connecting. */
export const connectionFailure = (error: unknown, login: DatabaseLogin, database: string): ServiceFailure => {
  if (error instanceof ServiceFailure) return error;
  const code = errorCode(error);
  const message = errorMessage(error);
  const server = serverOf(login);
  const failure = (name: string, sentence: string, retryable: boolean): ServiceFailure =>
    new ServiceFailure(name, sentence, retryable, { cause: error });

  if (code === "28P01")
    return failure(
      "WrongPassword",
      `The database server ${server} refuses the password of "${login.user}"; correct the registered secret.`,
      false,
    );
  if (code === "28000")
    return failure(
      "LoginRefused",
      `The database server ${server} doesn't let "${login.user}" in (${message}); check the user name, its LOGIN right and the TLS setting.`,
      false,
    );
  if (code === "3D000")
    return failure(
      "DatabaseMissing",
      `The database "${database}" doesn't exist on ${server}; check the registered name.`,
      false,
    );
  if (code === "42501")
    return failure(
      "PermissionMissing",
      `"${login.user}" may not connect to the database "${database}" on ${server}; grant it CONNECT.`,
      false,
    );
  if (code === "53300" && /for (role|database)/.test(message))
    return failure(
      "TooManyConnections",
      `The database server ${server} lets "${login.user}" have no more sessions (${message}); end some, or raise that CONNECTION LIMIT.`,
      true,
    );
  if (code === "53300" || code === "53200")
    return failure(
      "TooManyConnections",
      `The database server ${server} has no connection free (${message}); try again when it is less busy.`,
      true,
    );
  if (CERTIFICATE_CODES.test(code))
    return failure("CertificateRefused", certificateSentence(error, code, message, login), false);
  if (/does not support SSL/i.test(message))
    return failure(
      "TlsRefused",
      `The database server ${server} doesn't speak TLS, which the registration asks for; switch it on at the server, or register "ssl": "disable".`,
      false,
    );
  if (isConnectionLost(error))
    return failure(
      "DatabaseUnreachable",
      `The database server ${server} can't be reached (${message}); check that it runs, and the registered host, port, subnets and security groups.`,
      true,
    );
  return failure("ConnectionFailed", `Connecting to the database "${database}" on ${server} failed: ${message}.`, true);
};

const EXPIRED = new Set(["CERT_HAS_EXPIRED", "CERT_NOT_YET_VALID"]);
const UNKNOWN_AUTHORITY = /^(SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_|CERT_UNTRUSTED|CERT_SIGNATURE_FAILURE)/;
const certificateSentence = (error: unknown, code: string, message: string, login: DatabaseLogin): string => {
  const begin = `The TLS certificate of the database server ${serverOf(login)}`;
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID")
    return `${begin} is for ${namesOf(error) ?? "another name"}, not for ${login.host}: register the address that RDS gives the database, because a name of your own that leads there can't be verified, or register "ssl": "require".`;
  if (EXPIRED.has(code))
    return `${begin} is not valid at this time (${message}): rotate it, or register "ssl": "require" until then.`;
  if (UNKNOWN_AUTHORITY.test(code))
    return `${begin} is signed by an authority that the task's image doesn't know (${message}): renew the image (npm run build-image, then deploy) if it is a server of Amazon RDS, else register "ssl": "require".`;
  return `${begin} isn't accepted (${message}); check the registered host and TLS setting.`;
};
/** Names that the certificate has; undefined where the error doesn't say. */
const namesOf = (error: unknown): string | undefined => {
  const { cert } = error as { readonly cert?: { readonly subjectaltname?: string } };
  return cert?.subjectaltname?.replaceAll(/(DNS|IP Address):/g, "") || undefined;
};

/** For errors of a statement: `what` begins the sentence, such as "Renaming the database". */
export const statementFailure = (error: unknown, what: string, login: DatabaseLogin): ServiceFailure => {
  if (error instanceof ServiceFailure) return error;
  const code = errorCode(error);
  const message = errorMessage(error);
  if (isConnectionLost(error))
    return new ServiceFailure(
      "DatabaseUnreachable",
      `${what} was cut short, because the connection to ${serverOf(login)} broke (${message}); check the server and try again.`,
      true,
      { cause: error },
    );
  if (code === "42501")
    return new ServiceFailure(
      "PermissionMissing",
      `${what} isn't allowed for "${login.user}" on ${serverOf(login)} (${message}); grant the permission.`,
      false,
      { cause: error },
    );
  if (code === "53100")
    return new ServiceFailure(
      "ServerFull",
      `${what} failed, because the storage of ${serverOf(login)} is full (${message}); give it more room.`,
      false,
      { cause: error },
    );
  return new ServiceFailure(
    "DatabaseFailed",
    `${what} failed on ${serverOf(login)}: ${message}.`,
    !code.startsWith("42"),
    { cause: error },
  );
};
