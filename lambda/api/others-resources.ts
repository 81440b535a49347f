/**
 * Whoever administers one app names secret, database and bucket of its environments, and the service reads and writes
 * them with permissions of its own. So that nobody reaches another app's data through the service, they may name what
 * their app has already, and what no other app's environment has. Pure.
 */
import type { EnvironmentItem } from "../catalog/items";
import type { Registration } from "../catalog/registration";
import type { ApiSettings } from "./contract";

type Named = Pick<Registration, "appId" | "database" | "files">;

/**
 * What `wanted` would take of another app's environments, as the name of its field; undefined when that is nothing. Unless
 * `registering` is "app", whatever the app doesn't have yet is another's: the service knows only what is registered.
 */
export function othersResource(
  wanted: Named,
  environments: readonly Pick<EnvironmentItem, "registration">[],
  registering: ApiSettings["registering"] = "every-app",
): "database.secret" | "database" | "files" | undefined {
  const standing = environments.map(({ registration }) => registration);
  const own = standing.filter(({ appId }) => appId === wanted.appId);
  const others = standing.filter(({ appId }) => appId !== wanted.appId);
  const isOwnDatabase = own.some((one) => isSameSecret(one, wanted) && isSameDatabase(one, wanted));
  // With a secret that apps share, another database's name is enough to be in it.
  const isFree = (taken: boolean): boolean => registering === "app" && !taken;
  if (!isOwnDatabase && !isFree(others.some((one) => isSameSecret(one, wanted)))) return "database.secret";
  if (!isOwnDatabase && others.some((one) => isSameDatabase(one, wanted))) return "database";
  const isOwnPlace = own.some((one) => isSameBucket(one, wanted) && wanted.files.prefix.startsWith(one.files.prefix));
  return isOwnPlace || isFree(others.some((one) => sharesFiles(one, wanted))) ? undefined : "files";
}

const isSameSecret = (one: Named, other: Named): boolean => {
  const names = secretNames(other.database.secret);
  return secretNames(one.database.secret).some((name) => names.includes(name));
};

/** A secret's name, or its ARN, which may end with six characters of Secrets Manager's own. */
const secretNames = (secret: string): readonly string[] => {
  const name = /^arn:.*?:secret:(.+)$/i.exec(secret)?.[1];
  return (name === undefined ? [secret] : [name, name.replace(/-[a-z0-9]{6}$/i, "")]).map((one) => one.toLowerCase());
};

const isSameDatabase = ({ database: one }: Named, { database: other }: Named): boolean =>
  hostOf(one) === hostOf(other) && one.port === other.port && one.name === other.name;
const hostOf = ({ host }: Named["database"]): string => host.toLowerCase().replace(/\.$/, "");

const isSameBucket = ({ files: one }: Named, { files: other }: Named): boolean =>
  one.bucket.toLowerCase() === other.bucket.toLowerCase();
const sharesFiles = (one: Named, other: Named): boolean =>
  isSameBucket(one, other) &&
  (one.files.prefix.startsWith(other.files.prefix) || other.files.prefix.startsWith(one.files.prefix));
