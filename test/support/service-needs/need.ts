/** What an AWS service asks of a role that it is handed, with AWS's own document as the source. */

export interface Need {
  readonly actions: readonly string[];
  readonly on: readonly string[];
  /** Condition keys that the service's request carries. */
  readonly context?: Readonly<Record<string, string>>;
  /** Of the resource. */
  readonly tags?: Readonly<Record<string, string>>;
}
/** A role of a template, and what the service that assumes it needs. */
export interface ServiceRole {
  readonly role: string;
  /** Who assumes it. */
  readonly service: string;
  readonly needs: readonly Need[];
  /** Address of AWS's document. */
  readonly source: string;
}
/** One need in the terms of a request, for every action and resource. */
export const requestsOf = (
  role: string,
  needs: readonly Need[],
): readonly {
  readonly role: string;
  readonly action: string;
  readonly resource: string;
  readonly context: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}[] =>
  needs.flatMap(({ actions, on, context = {}, tags = {} }) =>
    actions.flatMap((action) => on.map((resource) => ({ role, action, resource, context, tags }))),
  );

export const roleName = (arn: string): string => arn.split("/").at(-1) ?? "";
