/** Restores a backup: where to and what, then a plan that touches nothing, then the restore itself. */
import Alert from "@cloudscape-design/components/alert";
import Checkbox from "@cloudscape-design/components/checkbox";
import FormField from "@cloudscape-design/components/form-field";
import RadioGroup from "@cloudscape-design/components/radio-group";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useState } from "react";
import { request, sentenceOf } from "../../api/client";
import { environmentPath } from "../../api/early";
import { followWork } from "../../app/follow-work";
import { hashOf } from "../../app/place";
import type { RestorePlanView, RestoreView } from "../../api/types";
import type { SnapshotDialogProps } from "../../backups/dialog";
import { utc } from "../../text/format";
import { AskDialog } from "../ask-dialog";
import { FocusedSection } from "../focused-section";
import { useFollow } from "../use-follow";
import { Findings } from "./findings";
import { RestoreProgress } from "./restore-progress";

export const RestoreDialog = ({ place, environments, snapshot, onClose }: SnapshotDialogProps) => {
  const [target, setTarget] = useState(place.environmentId);
  const [databaseOnly, setDatabaseOnly] = useState(false);
  const [acknowledged, setAcknowledged] = useState<readonly string[]>([]);
  const [sure, setSure] = useState(false);
  const [idempotencyKey, renewKey] = useState(() => crypto.randomUUID());
  const plan = useFollow<RestorePlanView>();
  const restore = useFollow<RestoreView>();
  const path = environmentPath({ appId: place.appId, environmentId: target });
  const query = { source_snapshot_id: snapshot.snapshot_id, db_only: databaseOnly };

  const forgetPlan = (): void => {
    plan.clear();
    setAcknowledged([]);
    setSure(false);
    renewKey(crypto.randomUUID());
  };
  const makePlan = async (): Promise<void> => {
    forgetPlan();
    const asked = await request<RestorePlanView>("POST", `${path}/restore-plans`, {
      query,
      idempotencyKey: crypto.randomUUID(),
    });
    plan.follow(asked, `${path}/restore-plans/${encodeURIComponent(asked.plan_id)}`);
  };
  const start = async (): Promise<void> => {
    const asked = await request<RestoreView>("POST", `${path}/restores`, {
      query: { ...query, acknowledge: acknowledged.join(",") },
      idempotencyKey,
    });
    const found = `${path}/restores/${encodeURIComponent(asked.restore_id)}`;
    restore.follow(asked, found);
    void followWork<RestoreView>({
      id: asked.restore_id,
      first: asked,
      path: found,
      what: `The restore into ${target}`,
      running: "is under way",
      completed: ({ notes }) =>
        `${target} holds the data of the backup now${notes.length === 0 ? "" : ", not all of it as it was"}.`,
      link: {
        hash: hashOf({ appId: place.appId, environmentId: target }, "environment"),
        text: "Show the environment's restores",
      },
    });
  };

  if (restore.value !== undefined) {
    return (
      <AskDialog title="Restore Backup" size="large" onClose={onClose}>
        <RestoreProgress restore={restore.value} targetName={target} error={restore.error} />
      </AskDialog>
    );
  }
  const made = plan.value?.state === "completed" || plan.value?.state === "failed" ? plan.value : undefined;
  const found = made?.plan ?? undefined;
  const possible = made?.state === "completed" && found?.refusals.length === 0;
  const notSure = sure ? undefined : `Confirm below that the data of ${target} are replaced.`;
  const accepted = found?.warnings.every(({ code }) => acknowledged.includes(code)) ?? false;
  return (
    <AskDialog
      title="Restore Backup"
      size="large"
      onClose={onClose}
      action={
        possible
          ? { text: "Restore", blocked: accepted ? notSure : NOT_ACCEPTED, run: start }
          : {
              text: made === undefined ? "Plan the restore" : "Plan again",
              underWay: isPlanning(plan.value),
              run: makePlan,
            }
      }
    >
      <FormField
        label="Destination environment"
        description={`The backup of ${utc(snapshot.created_at)} UTC can be restored into any environment of the app.`}
      >
        <Select
          selectedOption={{ value: target, label: target }}
          options={environments.map(({ environment_id, running }) => ({
            value: environment_id,
            label: environment_id,
            description: running ? "The app is running: stop it first." : "The app is stopped.",
          }))}
          onChange={({ detail }) => {
            setTarget(detail.selectedOption.value ?? target);
            forgetPlan();
          }}
        />
      </FormField>
      <FormField label="What to restore">
        <RadioGroup
          value={String(databaseOnly)}
          onChange={({ detail }) => {
            setDatabaseOnly(detail.value === "true");
            forgetPlan();
          }}
          items={[
            { value: "false", label: "Files and database" },
            { value: "true", label: "Database only" },
          ]}
        />
      </FormField>
      {plan.error === undefined ? null : <Alert type="error">{sentenceOf(plan.error)}</Alert>}
      {isPlanning(plan.value) ? (
        <div role="status">
          <StatusIndicator type="in-progress">The plan is being made; nothing is touched.</StatusIndicator>
        </div>
      ) : null}
      {made === undefined ? null : (
        <FocusedSection key={made.plan_id} label="Plan of the restore">
          <SpaceBetween size="m">
            {!possible && (found?.refusals.length ?? 0) === 0 ? (
              <Alert type="error">{made.status_message ?? "The plan could not be made: try again."}</Alert>
            ) : null}
            {found === undefined ? null : (
              <Findings
                plan={found}
                snapshot={snapshot}
                target={target}
                databaseOnly={databaseOnly}
                acknowledged={acknowledged}
                onAcknowledge={setAcknowledged}
              />
            )}
            {possible ? (
              <Checkbox checked={sure} onChange={({ detail }) => setSure(detail.checked)}>
                Replace the data of {target} with this backup
              </Checkbox>
            ) : null}
          </SpaceBetween>
        </FocusedSection>
      )}
    </AskDialog>
  );
};

const NOT_ACCEPTED = "Read and accept each of the warnings first.";
const isPlanning = (plan: RestorePlanView | undefined): boolean =>
  plan !== undefined && plan.state !== "completed" && plan.state !== "failed";
