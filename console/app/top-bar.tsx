/** What stands above every view: which service this is, and who is signed in. */
import TopNavigation from "@cloudscape-design/components/top-navigation";
import type { ComponentProps } from "react";
import type { Me } from "../api/types";
import { signOut } from "./session-state";
import { useAnswer } from "./use-answer";
import { NARROW, useMedia } from "./use-media";
import { useService, type Service } from "./use-service";

type Utilities = NonNullable<ComponentProps<typeof TopNavigation>["utilities"]>;

interface TopBarProps {
  /** @default none */
  readonly utilities?: Utilities;
  /** Below the bar, where that has no room. */
  readonly below?: string | undefined;
}
export const TopBar = ({ utilities = [], below }: TopBarProps) => (
  <div id="top">
    <TopNavigation identity={{ href: "#/", title: "Nightly Backups" }} utilities={utilities} />
    {below === undefined ? null : (
      <section className="service" aria-label="This service">
        {below}
      </section>
    )}
  </div>
);

export const TopBarSignedIn = () => {
  const me = useAnswer<Me>("me").value;
  const service = useService();
  const narrow = useMedia(NARROW);
  const said = service === undefined ? undefined : textOf(service);
  const where: Utilities =
    said === undefined || narrow
      ? []
      : [{ type: "button", text: said, href: "#/regions", ariaLabel: `This service: ${said}` }];
  const who: Utilities =
    me === undefined
      ? []
      : [{ type: "button", text: me.name, iconName: "user-profile", ariaLabel: `Signed in as ${me.name}` }];
  return (
    <TopBar
      utilities={[...where, ...who, { type: "button", text: "Sign out", onClick: signOut }]}
      below={narrow ? said : undefined}
    />
  );
};

const textOf = ({ name, region, stage }: Service): string => `${name} (${region}), stage ${stage}`;
