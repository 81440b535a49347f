/** What the target's server and the registered user need to have for a restore to come to its end. Pure. */
import type { TargetDetails } from "../catalog/target-details";
import type { DatabaseEntry } from "../snapshot/manifest";
import type { PlanFinding as Finding } from "./plan-findings";
import { counted, named } from "./words";

/** One that holds the lock, one that fills or reads, one that lists the old database's files. */
const SESSIONS_NEEDED = 3;
/** As long as a restore may take, and its undoing. */
const PASSWORD_DAYS = 3;

export const loginRefusals = (details: TargetDetails, where: string): Finding[] => {
  const { login, settingsRefused, tablespace, tablespaces } = details;
  const mayUse = tablespaces.find(({ name }) => name === tablespace)?.usable ?? true;
  const found: (Finding | false)[] = [
    details.inRecovery && {
      code: "ServerIsReplica",
      message: `The server of ${where} is a read replica, on which nothing can be restored: register the address of its primary.`,
    },
    login.sessionsLeft !== null &&
      login.sessionsLeft < SESSIONS_NEEDED && {
        code: "ConnectionLimitLow",
        message: `The user registered for ${where} (${login.name}) may have ${counted(Math.max(0, login.sessionsLeft), "more session")} and a restore needs ${SESSIONS_NEEDED}: end some, or raise its CONNECTION LIMIT.`,
      },
    !mayUse && {
      code: "TablespaceForbidden",
      message: `The user registered for ${where} (${login.name}) may put nothing in its tablespace ${tablespace}: grant it CREATE ON TABLESPACE.`,
    },
    ...settingsRefused.map(({ name, role, reason }): Finding => ({
      code: "SettingForbidden",
      message: `The user registered for ${where} (${login.name}) can't give the restored database the setting ${name} that the live one has${role === null ? "" : ` for the role ${role}`} (${reason}): let a superuser, or who was granted it, do one of these: ${mends(login.name, name, role)}.`,
    })),
  ];
  return found.filter((finding) => finding !== false);
};

const mends = (user: string, setting: string, role: string | null): string =>
  role === null
    ? `GRANT SET ON PARAMETER ${setting} TO ${user} (from PostgreSQL 15 on), or ALTER DATABASE … RESET ${setting}`
    : `GRANT ${user} the right to alter that role, and GRANT SET ON PARAMETER ${setting} TO ${user} (from PostgreSQL 15 on), or ALTER ROLE … IN DATABASE … RESET ${setting}`;

export const loginWarnings = (
  { login, connectionsLeft }: TargetDetails,
  { needsSuperuser = [] }: Pick<DatabaseEntry, "needsSuperuser">,
  where: string,
  at: string,
): Finding[] => {
  const { name, validUntil } = login;
  const ends = validUntil !== null && Date.parse(validUntil) < Date.parse(at) + PASSWORD_DAYS * 86_400_000;
  const found: (Finding | false)[] = [
    needsSuperuser.length > 0 &&
      !login.superuser && {
        code: "SuperuserNeeded",
        message: `Only a superuser can restore all of the snapshot's database (${named(needsSuperuser)}), and the user registered for ${where} (${name}) is none: the restore may fail, and then changes nothing.`,
      },
    ends && {
      code: "PasswordEnds",
      message: `The password of the user registered for ${where} (${name}) is valid until ${validUntil}: extend it, or the restore may be interrupted.`,
    },
    !login.superuser &&
      connectionsLeft < SESSIONS_NEEDED && {
        code: "ConnectionsNearlyUsed",
        message: `The server of ${where} has ${counted(Math.max(0, connectionsLeft), "connection")} left and a restore needs ${SESSIONS_NEEDED}: it may have to wait, or fail, and then changes nothing.`,
      },
  ];
  return found.filter((finding) => finding !== false);
};
