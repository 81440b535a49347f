/**
 * Waiting for an environment's lease: the operation is begun again every minute, a day long at most. A round is
 * at most 13 events (task 5, choice 2, wait 2, pass 2, and what a retry adds), so that 1,440 rounds stay below the
 * 25,000 events that an execution may have.
 */
import { chooseByOutcome, type State } from "./asl";

const ROUND_SECONDS = 60;
const MOST_ROUNDS = 1_440;

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
  Queue: { Type: "Pass", Result: { rounds: 0 }, ResultPath: "$.queue", Next: begin },
  BeginOutcome: chooseByOutcome(outcome, { ...nexts, busy: "StillPatient" }, "StillPatient"),
  StillPatient: {
    Type: "Choice",
    Choices: [{ Variable: "$.queue.rounds", NumericGreaterThanEquals: MOST_ROUNDS, Next: "WaitedTooLong" }],
    Default: "WaitForLease",
  },
  WaitForLease: { Type: "Wait", Seconds: ROUND_SECONDS, Next: "CountRound" },
  CountRound: {
    Type: "Pass",
    Parameters: { "rounds.$": "States.MathAdd($.queue.rounds, 1)" },
    ResultPath: "$.queue",
    Next: begin,
  },
  WaitedTooLong: {
    Type: "Pass",
    Result: {
      Error: "EnvironmentBusy",
      Cause: "Another operation has been running in this environment for a day; look at its execution, then try again.",
    },
    ResultPath: "$.error",
    Next: giveUp,
  },
});
