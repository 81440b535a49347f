/** One table of a backup's database, by its name. */
import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState, type FormEvent } from "react";
import type { Part } from "./contents-dialog";
import { useGetting } from "./use-getting";

export const TableChoice = ({ onGet }: { readonly onGet: (part: Part) => Promise<void> }) => {
  const [table, setTable] = useState("");
  const getting = useGetting(onGet);
  const get = (event: FormEvent): void => {
    event.preventDefault();
    if (table !== "") void getting.get({ data_type: "one_table", table }, table);
  };
  return (
    <form onSubmit={get}>
      <SpaceBetween size="s">
        {getting.failure === undefined ? null : <Alert type="error">{getting.failure}</Alert>}
        <FormField
          label="Table"
          description="Such as myfirstmodule$order or public.orders. A name that isn't there is answered with those like it."
          constraintText="You get SQL for psql: the table's definition and its rows."
          secondaryControl={
            <Button
              formAction="submit"
              disabled={table === ""}
              {...(table === "" ? { disabledReason: "Name a table first." } : {})}
              loading={getting.waiting !== undefined}
            >
              Fetch the table
            </Button>
          }
        >
          <Input value={table} onChange={({ detail }) => setTable(detail.value)} spellcheck={false} />
        </FormField>
      </SpaceBetween>
    </form>
  );
};
