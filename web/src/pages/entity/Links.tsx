/** What an entity is linked with, by type of link and direction. */

import { useState } from "react";
import type { Link } from "../../graphql/types";
import { TypeBadges } from "../../parts/Badges";
import { Places } from "../../parts/Places";
import { entityAddress } from "../../routing/addresses";
import { PageLink } from "../../routing/router";
import { count } from "../../text/numbers";
import { byLinkType, type LinkGroup } from "./grouping";

const SHOWN = 6;

export function Links({ links }: { links: Link[] }) {
  return (
    <section aria-labelledby="links">
      <h2 id="links">
        Links <span className="section-count">{count(links.length)}</span>
      </h2>
      {links.length === 0 && <p className="quiet">Nothing is linked with it yet.</p>}
      {byLinkType(links).map((group) => (
        <Group key={`${group.direction} ${group.name}`} group={group} />
      ))}
    </section>
  );
}

function Group({ group }: { group: LinkGroup }) {
  const [all, setAll] = useState(false);
  const shown = all ? group.links : group.links.slice(0, SHOWN);
  const outgoing = group.direction === "out";
  return (
    <div className="link-group">
      <h3>
        <span className="direction" aria-hidden="true">
          {outgoing ? "\u2192" : "\u2190"}
        </span>
        {group.name}
        <span className="unseen">{outgoing ? "from this entity to" : "to this entity from"}</span>
        <span className="section-count">{count(group.links.length)}</span>
      </h3>
      <ul className="links">
        {shown.map((link) => (
          <li key={link.entity.iri}>
            <PageLink href={entityAddress(link.entity.iri)}>{link.entity.label}</PageLink>{" "}
            <TypeBadges types={link.entity.types} />
            <Places supports={link.supports} />
          </li>
        ))}
      </ul>
      {group.links.length > SHOWN && (
        <button type="button" className="button button-quiet" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? "Show fewer" : `Show all ${count(group.links.length)}`}
        </button>
      )}
    </div>
  );
}
