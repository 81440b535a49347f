/** Waiting for an environment's lease: the operation is begun again and again, a day long at most. */
import { chooseByOutcome, type State } from "./asl";
import { noRounds, patientStates } from "./rounds";

interface Queueing {
  /** The state that asks for the lease, and where its outcome stands. */
  readonly begin: string;
  readonly outcome: string;
  /** Where the other outcomes lead. */
  readonly nexts: Readonly<Record<string, string>>;
  /** Where an execution goes that has waited for a day, with `$.error`. */
  readonly giveUp: string;
}

/** `Queue` comes first and leads to `begin`; `begin` leads to `BeginOutcome`. */
export const queueingStates = ({ begin, outcome, nexts, giveUp }: Queueing): Record<string, State> => ({
  Queue: noRounds(begin),
  BeginOutcome: chooseByOutcome(outcome, { ...nexts, busy: "MayWaitForLease" }, "MayWaitForLease"),
  ...patientStates({
    name: "Lease",
    waitedFor: "lease",
    again: begin,
    giveUp,
    error: {
      Error: "EnvironmentBusy",
      Cause: "Another operation has been running in this environment for a day; look at its execution, then try again.",
    },
  }),
});
