/** What the target's server and its user need: each rule at its edges, and what it says. */
import type { TargetDetails } from "../../lambda/catalog/target-details";
import { loginRefusals, loginWarnings } from "../../lambda/restore/rules-login";

const WHERE = "the target's database shop";
const AT = "2026-12-06T00:00:00Z";
const details = {
  login: { name: "master", superuser: false, sessionsLeft: null, validUntil: null },
  inRecovery: false,
  connectionsLeft: 3,
  tablespace: "pg_default",
  tablespaces: [{ name: "pg_default", usable: true }],
  settingsRefused: [],
} as unknown as TargetDetails;
const login = (change: Partial<TargetDetails["login"]>): Partial<TargetDetails> => ({
  login: { ...details.login, ...change },
});
const refused = (change: Partial<TargetDetails>): string[] =>
  loginRefusals({ ...details, ...change }, WHERE).map(({ code, message }) => `${code}: ${message}`);
const warned = (change: Partial<TargetDetails>, needsSuperuser?: string[]): string[] =>
  loginWarnings({ ...details, ...change }, needsSuperuser === undefined ? {} : { needsSuperuser }, WHERE, AT).map(
    ({ code, message }) => `${code}: ${message}`,
  );

const limitLow = (left: string): string =>
  `ConnectionLimitLow: The user registered for ${WHERE} (master) may have ${left} and a restore needs 3: end some, or raise its CONNECTION LIMIT.`;
const forbidden = (role: string, mends: string): string =>
  `SettingForbidden: The user registered for ${WHERE} (master) can't give the restored database the setting jit that the live one has${role} (no right): let a superuser, or who was granted it, do one of these: ${mends}.`;

test.each<[string, Partial<TargetDetails>, string[]]>([
  ["a good server and login", {}, []],
  [
    "a read replica",
    { inRecovery: true },
    [
      `ServerIsReplica: The server of ${WHERE} is a read replica, on which nothing can be restored: register the address of its primary.`,
    ],
  ],
  ["sessions enough", login({ sessionsLeft: 3 }), []],
  ["two sessions", login({ sessionsLeft: 2 }), [limitLow("2 more sessions")]],
  ["one session", login({ sessionsLeft: 1 }), [limitLow("1 more session")]],
  ["none", login({ sessionsLeft: 0 }), [limitLow("0 more sessions")]],
  ["more than it may have already", login({ sessionsLeft: -2 }), [limitLow("0 more sessions")]],
  [
    "its tablespace, though another may be used",
    { tablespaces: [...details.tablespaces, { name: "fast", usable: false }], tablespace: "fast" },
    [
      `TablespaceForbidden: The user registered for ${WHERE} (master) may put nothing in its tablespace fast: grant it CREATE ON TABLESPACE.`,
    ],
  ],
  ["a tablespace of which nothing is known", { tablespace: "fast" }, []],
  [
    "a setting of all",
    { settingsRefused: [{ name: "jit", role: null, reason: "no right" }] },
    [forbidden("", "GRANT SET ON PARAMETER jit TO master (from PostgreSQL 15 on), or ALTER DATABASE … RESET jit")],
  ],
  [
    "a setting of a role",
    { settingsRefused: [{ name: "jit", role: "reader", reason: "no right" }] },
    [
      forbidden(
        " for the role reader",
        "GRANT master the right to alter that role, and GRANT SET ON PARAMETER jit TO master (from PostgreSQL 15 on), or ALTER ROLE … IN DATABASE … RESET jit",
      ),
    ],
  ],
])("refused: %s", (_, change, expected) => {
  expect(refused(change)).toStrictEqual(expected);
});

const nearlyUsed = (left: string): string =>
  `ConnectionsNearlyUsed: The server of ${WHERE} has ${left} left and a restore needs 3: it may have to wait, or fail, and then changes nothing.`;
const ends = (at: string): string =>
  `PasswordEnds: The password of the user registered for ${WHERE} (master) is valid until ${at}: extend it, or the restore may be interrupted.`;

test.each<[string, Partial<TargetDetails>, string[] | undefined, string[]]>([
  ["a good server and login", {}, [], []],
  [
    "what a superuser alone restores",
    {},
    ["casts"],
    [
      `SuperuserNeeded: Only a superuser can restore all of the snapshot's database (casts), and the user registered for ${WHERE} (master) is none: the restore may fail, and then changes nothing.`,
    ],
  ],
  [
    "a superuser, who may have the last connection too",
    { ...login({ superuser: true }), connectionsLeft: 0 },
    ["casts"],
    [],
  ],
  ["two connections", { connectionsLeft: 2 }, undefined, [nearlyUsed("2 connections")]],
  ["one connection", { connectionsLeft: 1 }, undefined, [nearlyUsed("1 connection")]],
  ["fewer than none", { connectionsLeft: -4 }, undefined, [nearlyUsed("0 connections")]],
  ["a password for as long as a restore may take", login({ validUntil: "2026-12-09T00:00:00Z" }), undefined, []],
  [
    "one that ends before",
    login({ validUntil: "2026-12-08T23:59:59.999Z" }),
    undefined,
    [ends("2026-12-08T23:59:59.999Z")],
  ],
  ["one that has no end", login({ validUntil: "infinity" }), undefined, []],
])("warned: %s", (_, change, needsSuperuser, expected) => {
  expect(warned(change, needsSuperuser)).toStrictEqual(expected);
});
