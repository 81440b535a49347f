/** A button that copies: an id beside it, or the address of what is shown. */
import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";

interface CopyIdProps {
  readonly id: string;
  /** `snapshot id` */
  readonly what: string;
}
export const CopyId = ({ id, what }: CopyIdProps) => (
  <span className="long">
    <CopyToClipboard
      variant="inline"
      textToCopy={id}
      textToDisplay={id}
      copyButtonAriaLabel={`Copy the ${what}`}
      copySuccessText={`Copied the ${what}.`}
      copyErrorText="The browser did not let it be copied: select it and copy it by hand."
      popoverRenderWithPortal
    />
  </span>
);

/** For colleagues, tickets and bookmarks. */
export const CopyLink = ({ hash }: { readonly hash: string }) => (
  <CopyToClipboard
    variant="button"
    textToCopy={new URL(hash, location.href).href}
    copyButtonText="Copy the link to this backup"
    copySuccessText="Copied the link."
    copyErrorText="The browser did not let it be copied: it is in the address bar."
    popoverRenderWithPortal
  />
);
