/**
 * Loaded into a child process before the app's own code: `Date` there shows the simulated time. SDKs sign with it;
 * the gateway signs anew with the real time, so no server minds.
 */
const RealDate = Date;
let offsetMs = 0;

class SimulatedDate extends RealDate {
  constructor(...given: unknown[]) {
    if (given.length === 0) super(SimulatedDate.now());
    else super(...(given as [number]));
  }
  static override now(): number {
    return RealDate.now() + offsetMs;
  }
}
/** `Date()` without `new` gives a string. */
globalThis.Date = new Proxy(SimulatedDate, {
  apply: () => new SimulatedDate().toString(),
}) as unknown as DateConstructor;

export const setClockOffset = (milliseconds: number): void => {
  offsetMs = milliseconds;
};
