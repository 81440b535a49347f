/** Where the gauges keep what they have told: the only partition that they may write, by their role. */
export const GAUGES_PK = "GAUGES";
