/** The regions' nightly windows on one day of 24 hours, with where each is replicated to. */
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { RegionList } from "../api/types";
import { Failure } from "../app/failure";
import { useAnswer } from "../app/use-answer";
import { usePolling } from "../app/use-polling";
import { REGIONS_PATH } from "../app/use-service";
import { dayPieces, dayPosition, windowText } from "./day-windows";

type Region = RegionList["regions"][number];

const RENEW_MS = 60_000;

export const RegionsView = () => {
  const { value, error, asOf, reload } = useAnswer<RegionList>(REGIONS_PATH);
  usePolling(reload, RENEW_MS);
  return (
    <SpaceBetween size="l">
      <Header
        variant="h1"
        description="When the apps of each region are backed up, and where their backups are replicated to."
      >
        Regions
      </Header>
      <Failure error={error} stale={value !== undefined} asOf={asOf} onRetry={reload} />
      {value === undefined && error === undefined ? <p role="status">Loading the regions…</p> : null}
      {value === undefined ? null : (
        <Container>
          <div className="scroll" role="region" aria-label="Nightly windows" tabIndex={0}>
            <table className="plain-table">
              <caption>Nightly windows. Times are UTC; the dashed line is now.</caption>
              <thead>
                <tr>
                  <th scope="col">Region</th>
                  <th scope="col">Replicated to</th>
                  <th scope="col">Window</th>
                  <th scope="col">
                    <div className="hours">
                      {["00", "06", "12", "18", "24"].map((hour) => (
                        <span key={hour}>{hour}</span>
                      ))}
                    </div>
                  </th>
                </tr>
              </thead>
              <tbody>
                {value.regions.map((region) => (
                  <RegionRow key={region.region} region={region} now={dayPosition(new Date(value.now))} />
                ))}
              </tbody>
            </table>
          </div>
        </Container>
      )}
    </SpaceBetween>
  );
};

const RegionRow = ({ region, now }: { readonly region: Region; readonly now: number }) => {
  const window = windowText(region.start_utc, region.duration_minutes);
  return (
    <tr>
      <th scope="row">
        {region.name}
        {region.deployed ? " (in service)" : ""}
        <br />
        <small className="muted">{region.region}</small>
      </th>
      <td>
        {region.replication_name}
        <br />
        <small className="muted">{region.replication_region}</small>
      </td>
      <td className="one-line">{window}</td>
      <td>
        <div className="day" role="img" aria-label={`${region.name}: ${window} UTC`}>
          {dayPieces(region.start_utc, region.duration_minutes).map(({ left, width }) => (
            <div key={left} className="window" style={{ insetInlineStart: `${left}%`, inlineSize: `${width}%` }} />
          ))}
          <div className="now" style={{ insetInlineStart: `${now}%` }} />
        </div>
      </td>
    </tr>
  );
};
