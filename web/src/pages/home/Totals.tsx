/** What the graph holds, in numbers. */

import type { Summary } from "../../graphql/types";
import { REVIEW_PAGE, SOURCES_PAGE } from "../../routing/addresses";
import { PageLink } from "../../routing/router";
import { count } from "../../text/numbers";

export function Totals({ summary }: { summary: Summary }) {
  return (
    <dl className="totals">
      <Total name="entities" value={summary.entities} />
      <Total name="links" value={summary.links} />
      <Total name="facts" value={summary.facts} />
      <Total name="link types" value={summary.linkTypes} href={`${REVIEW_PAGE}#link-types`} />
      <Total name="open questions" value={summary.openProposals} href={REVIEW_PAGE} />
      <Total name="sources" value={summary.sources} href={SOURCES_PAGE} />
    </dl>
  );
}

function Total({ name, value, href }: { name: string; value: number; href?: string }) {
  return (
    <div className="total">
      <dt>{href ? <PageLink href={href}>{name}</PageLink> : name}</dt>
      <dd>{count(value)}</dd>
    </div>
  );
}
