import { ConfigurationError } from "../../lib/config/configuration-error";
import { NIGHTLY_TABLE, type NightlyRow, type Place } from "../../lib/regions/nightly-table";
import { checkResidency, RESIDENCY_EXCEPTIONS } from "../../lib/regions/residency";
import { must } from "../support/must";

const row = (name: string): NightlyRow => must(NIGHTLY_TABLE.find((candidate) => candidate.name === name));
const place = (name: string): Place =>
  must(NIGHTLY_TABLE.flatMap((each): Place[] => [each, each.replication]).find((each) => each.name === name));
const replicatedTo = (name: string, replication: string): NightlyRow => ({
  ...row(name),
  replication: place(replication),
});

describe("Rule 8: residency", () => {
  test("Rule 8: the nightly table keeps it", () => {
    expect(() => checkResidency(NIGHTLY_TABLE)).not.toThrow();
  });

  test("Rule 8: exactly the eight documented exceptions leave their political region, each named by its own row", () => {
    const leaving = NIGHTLY_TABLE.filter(
      ({ politicalRegion, replication }) => politicalRegion !== replication.politicalRegion,
    );
    expect(leaving.map(({ residencyException }) => String(residencyException)).toSorted()).toEqual(
      [...RESIDENCY_EXCEPTIONS].toSorted(),
    );
    expect(NIGHTLY_TABLE.filter(({ residencyException }) => residencyException !== undefined)).toEqual(leaving);
  });

  test("Rule 8: EU data is not backed up in the UK", () => {
    expect(() => checkResidency([replicatedTo("Frankfurt", "London")])).toThrow(
      "lib/regions/nightly-table.ts, Frankfurt: its replica in London (UK) would leave EU; choose a replication region in EU; only these exceptions are allowed: Bahrain→Mumbai,",
    );
  });

  test("Rule 8: US data stays in the US", () => {
    expect(() => checkResidency([replicatedTo("Oregon", "Canada")])).toThrow(ConfigurationError);
  });

  test("Rule 8: a replica may not leave without the row's own exception", () => {
    const { residencyException: _, ...bahrain } = row("Bahrain");
    expect(() => checkResidency([bahrain])).toThrow(ConfigurationError);
    expect(() => checkResidency([{ ...bahrain, residencyException: "UAE→Mumbai" }])).toThrow(ConfigurationError);
  });

  test("Rule 8: an exception covers its own replication region only", () => {
    expect(() => checkResidency([replicatedTo("Seoul", "Sydney")])).toThrow(ConfigurationError);
  });

  test("Rule 8: an exception that no document names is none", () => {
    const invented = { ...replicatedTo("Dublin", "London"), residencyException: "Dublin→London" as never };
    expect(() => checkResidency([invented])).toThrow(ConfigurationError);
  });

  test("Rule 8: former replicas are held to it too, by the documented exceptions", () => {
    const moved = (name: string, former: string): NightlyRow => ({
      ...replicatedTo(name, name === "Frankfurt" ? "Dublin" : "Singapore"),
      politicalRegion: name === "Frankfurt" ? "EU" : "Singapore",
      formerReplicationRegions: [place(former)],
    });
    expect(() => checkResidency([moved("Frankfurt", "London")])).toThrow("its replica in London (UK) would leave EU");
    expect(() => checkResidency([moved("Frankfurt", "Dublin")])).not.toThrow();
    expect(() => checkResidency([moved("Bahrain", "Mumbai")])).not.toThrow();
    expect(() => checkResidency([moved("Bahrain", "Sydney")])).toThrow(ConfigurationError);
  });
});
