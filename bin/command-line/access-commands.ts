/**
 * `keys` and `grants`: who may sign in to the API and the page, and do what there. They ask the access function, which
 * is authorised by IAM: so the first key needs no key.
 */
import { type Command, InvalidArgumentError } from "commander";
import type { z } from "zod";
import {
  accessChanged,
  accessListed,
  accessRefused,
  type AccessRequest,
  EXPIRY_DAYS_LIMIT,
  grant as grantSchema,
  keyCreated,
  type ListedPrincipal,
} from "../../lambda/access/contract";
import type { Grant } from "../../lambda/catalog/items";
import { answer, commonOptions, connect } from "./common-options";
import { describeGrants, describeKeys } from "./describe-access";
import { CommandFailure, type Deployment, type Surroundings } from "./surroundings";

const ROLES_HELP = `
Roles: read (look), backup (create, upload, comment), restore (restore and download), administer (all, also delete
and register). Each includes read. The app * stands for every app.`;

export function addAccessCommands(program: Command, surroundings: Surroundings): void {
  addKeyCommands(program.command("keys").description("make, revoke and list keys for the API"), surroundings);
  addGrantCommands(program.command("grants").description("say who may do what on which app"), surroundings);
}

function addKeyCommands(keys: Command, surroundings: Surroundings): void {
  keys
    .command("create <principal>")
    .description("make a key for a person or a script, and print it: this once, and never again")
    .option("--label <text>", "what it is for, shown in lists", "")
    .option("--expires-in-days <days>", "how long it is valid (default: until it is revoked)", days)
    .option("--grant <app:role...>", "also grant these roles", grants)
    .addHelpText(
      "after",
      `${ROLES_HELP}

Examples:
  npx backups keys create operator@example.com --grant "*:administer"
  npx backups keys create nightly-report --label "report server" --grant shop:read --expires-in-days 365`,
    )
    .action(
      async (
        principal: string,
        own: { label: string; expiresInDays?: number; grant?: readonly Grant[] },
        command: Command,
      ) => {
        const options = commonOptions(command);
        const made = await ask(
          await connect(options, surroundings),
          {
            action: "create-key",
            principal,
            label: own.label,
            ...(own.expiresInDays === undefined ? {} : { expiresInDays: own.expiresInDays }),
            ...(own.grant === undefined ? {} : { grants: [...own.grant] }),
            by: surroundings.user(),
          },
          keyCreated,
        );
        const { message, keyId, key, expiresAt } = made;
        // The key alone goes to standard output, so that it can be piped into whatever is to keep it.
        surroundings.err(`${message} Keep it now: it can't be shown again.`);
        answer(options, surroundings, { principal, keyId, key, expiresAt, message }, [key]);
      },
    );
  keys
    .command("revoke <principal> <key-id>")
    .description("revoke a key: it is refused from the next request on")
    .addHelpText("after", "\nExample: npx backups keys revoke nightly-report 3f9a02c4")
    .action((principal: string, keyId: string, _own: unknown, command: Command) =>
      change({ action: "revoke-key", principal, keyId, by: surroundings.user() }, command, surroundings),
    );
  keys
    .command("list [principal]")
    .description("list keys with their ids and expiries; the keys themselves are nowhere kept")
    .addHelpText("after", "\nExample: npx backups keys list")
    .action((principal: string | undefined, _own: unknown, command: Command) =>
      list(principal, command, surroundings, describeKeys),
    );
}

function addGrantCommands(commands: Command, surroundings: Surroundings): void {
  for (const [verb, action, description] of [
    ["add", "grant", "grant a role on an app, also to somebody who signs in with tokens and has no key"],
    ["remove", "revoke", "take a role away: it no longer counts from the next request on"],
  ] as const) {
    commands
      .command(`${verb} <principal> <app:role>`)
      .description(description)
      .addHelpText("after", `${ROLES_HELP}\n\nExample: npx backups grants ${verb} operator@example.com shop:restore`)
      .action((principal: string, text: string, _own: unknown, command: Command) =>
        change({ action, principal, grant: grantOf(text), by: surroundings.user() }, command, surroundings),
      );
  }
  commands
    .command("list [principal]")
    .description("list who may do what")
    .addHelpText("after", "\nExample: npx backups grants list operator@example.com")
    .action((principal: string | undefined, _own: unknown, command: Command) =>
      list(principal, command, surroundings, describeGrants),
    );
}

async function change(request: AccessRequest, command: Command, surroundings: Surroundings): Promise<void> {
  const options = commonOptions(command);
  const { message } = await ask(await connect(options, surroundings), request, accessChanged);
  answer(options, surroundings, { message }, [message]);
}

async function list(
  principal: string | undefined,
  command: Command,
  surroundings: Surroundings,
  describe: (principals: readonly ListedPrincipal[], width: number | undefined) => readonly string[],
): Promise<void> {
  const options = commonOptions(command);
  const deployment = await connect(options, surroundings);
  const principals: ListedPrincipal[] = [];
  let cursor: string | undefined;
  do {
    const page = await ask(
      deployment,
      {
        action: "list",
        ...(principal === undefined ? {} : { principal }),
        ...(cursor === undefined ? {} : { cursor }),
      },
      accessListed,
    );
    principals.push(...page.principals);
    cursor = page.cursor;
  } while (cursor !== undefined);
  answer(options, surroundings, { principals }, describe(principals, surroundings.columns));
}

/** Throws a CommandFailure when the function says no. */
async function ask<T>(deployment: Deployment, request: AccessRequest, accepted: z.ZodType<T>): Promise<T> {
  const answered = await deployment.invoke("access", request);
  const refusal = accessRefused.safeParse(answered);
  if (refusal.success) throw new CommandFailure(1, refusal.data.message.split("\n"));
  const parsed = accepted.safeParse(answered);
  if (parsed.success) return parsed.data;
  throw new CommandFailure(1, [
    "The access function answered in an unknown form; update this checkout to the deployed version.",
  ]);
}

const days = (text: string): number => {
  if (/^\d{1,4}$/.test(text) && Number(text) >= 1 && Number(text) <= EXPIRY_DAYS_LIMIT) return Number(text);
  throw new InvalidArgumentError(`It must be a whole number of days, at most ${EXPIRY_DAYS_LIMIT}.`);
};

/** Commander hands over one after the other, with what came before. */
const grants = (text: string, before: readonly Grant[] | undefined): readonly Grant[] => {
  const given = parseGrant(text);
  if (given === undefined) throw new InvalidArgumentError(GRANT_FORM);
  return [...(before ?? []), given];
};
const grantOf = (text: string): Grant => {
  const given = parseGrant(text);
  if (given === undefined) throw new CommandFailure(2, [`${text} is no grant. ${GRANT_FORM}`]);
  return given;
};
const GRANT_FORM =
  'It must be an app and a role, such as shop:restore or "*:read"; roles are read, backup, restore and administer.';
const parseGrant = (text: string): Grant | undefined => {
  const [app, role, ...rest] = text.split(":");
  return rest.length === 0 ? grantSchema.safeParse({ app, role }).data : undefined;
};
