/** A backup's files by pages, in the order of their keys. */
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { useState, type FormEvent } from "react";
import { shownKey } from "../../../lambda/rules/shown-key";
import { sentenceOf } from "../../api/client";
import type { FilePage, FileView } from "../../api/types";
import { useAnswer } from "../../app/use-answer";
import { NOTHING, size, utc } from "../../text/format";
import type { Part } from "./contents-dialog";
import { useGetting } from "./use-getting";

const PAGE = 50;

interface FilesFinderProps {
  readonly path: string;
  readonly onGet: (part: Part) => Promise<void>;
}

export const FilesFinder = ({ path, onGet }: FilesFinderProps) => {
  const [typed, setTyped] = useState("");
  const [prefix, setPrefix] = useState("");
  /** The last keys of the pages before this one. */
  const [before, setBefore] = useState<readonly string[]>([]);
  const getting = useGetting(onGet);
  const after = before.at(-1);
  const query = { prefix, limit: String(PAGE), ...(after === undefined ? {} : { after }) };
  const { value, error } = useAnswer<FilePage>(path, query);
  const search = (event: FormEvent): void => {
    event.preventDefault();
    setPrefix(typed);
    setBefore([]);
  };
  const next = value?.next ?? null;
  return (
    <SpaceBetween size="s">
      <form onSubmit={search}>
        <FormField
          label="Keys that begin with"
          description="Letters as they stand, such as the first of a file document's id."
          secondaryControl={<Button formAction="submit">Search</Button>}
        >
          <Input value={typed} onChange={({ detail }) => setTyped(detail.value)} spellcheck={false} />
        </FormField>
      </form>
      {error === undefined ? null : <Alert type="error">{sentenceOf(error)}</Alert>}
      {getting.failure === undefined ? null : <Alert type="error">{getting.failure}</Alert>}
      {error !== undefined && value === undefined ? null : (
        <Table
          variant="embedded"
          wrapLines
          items={[...(value?.files ?? [])]}
          trackBy="key"
          loading={value === undefined}
          loadingText="Looking for files"
          empty={prefix === "" ? "This backup holds no files." : "No file's key begins with that."}
          ariaLabels={{ tableLabel: "Files" }}
          columnDefinitions={[
            {
              id: "key",
              header: "Key",
              cell: ({ key }) => <span className="key">{shownKey(key)}</span>,
              isRowHeader: true,
            },
            { id: "size", header: "Size", cell: (file) => (file.size === null ? "missing" : size(file.size)) },
            {
              id: "written",
              header: "Written on (UTC)",
              cell: ({ last_modified }) => (last_modified === null ? NOTHING : utc(last_modified)),
            },
            { id: "get", header: "Fetch", cell: (file) => <GetButton file={file} getting={getting} /> },
          ]}
        />
      )}
      {before.length === 0 && next === null ? null : (
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button disabled={before.length === 0} onClick={() => setBefore(before.slice(0, -1))}>
              Previous page
            </Button>
            <Button disabled={next === null} onClick={() => next !== null && setBefore([...before, next])}>
              Next page
            </Button>
          </SpaceBetween>
        </Box>
      )}
    </SpaceBetween>
  );
};

const GetButton = ({ file, getting }: { readonly file: FileView; readonly getting: ReturnType<typeof useGetting> }) => (
  <Button
    variant="inline-link"
    ariaLabel={`Fetch ${shownKey(file.key)}`}
    disabled={file.missing}
    {...(file.missing ? { disabledReason: "Storage did not have it when the backup was made." } : {})}
    loading={getting.waiting === file.key}
    onClick={() => void getting.get({ data_type: "one_file", key: file.key }, file.key)}
  >
    Fetch
  </Button>
);
