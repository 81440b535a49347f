/** aws-local-stepfunctions uses Promise.withResolvers when it runs a task, and Node 20 does not have it. */
interface Resolvers<T> {
  promise: Promise<T>;
  resolve: (value: T | PromiseLike<T>) => void;
  reject: (reason?: unknown) => void;
}
const promises = Promise as unknown as { withResolvers?: <T>() => Resolvers<T> };

export const providePromiseWithResolvers = (): void => {
  promises.withResolvers ??= <T>(): Resolvers<T> => {
    let resolve!: Resolvers<T>["resolve"];
    let reject!: Resolvers<T>["reject"];
    const promise = new Promise<T>((onResolve, onReject) => {
      resolve = onResolve;
      reject = onReject;
    });
    return { promise, resolve, reject };
  };
};
