/** What to do about a store's refusal that nobody on the way has put into words of their own. Pure. */
const ADVICE: Readonly<Record<string, string>> = {
  AccessRefused: "allow it in the service's roles and in the bucket's and key's policies",
  BucketNotFound: "check the service's stacks and the registered buckets",
  StoreUnavailable: "try again when the storage answers",
};

/** `name` is the error's own, as Step Functions and the catalog keep it. */
export const withAdvice = (name: string, message: string): string => {
  const advice = Object.hasOwn(ADVICE, name) ? ADVICE[name] : undefined;
  return advice === undefined ? message : `${message.replace(/\.$/, "")}; ${advice}.`;
};
