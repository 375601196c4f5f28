/** One side of a proposal or link type: its table and fields, or the entity's name. */

import type { End } from "../graphql/types";
import { entityAddress } from "../routing/addresses";
import { PageLink } from "../routing/router";

export function EndName({ end, label }: { end: End; label?: string | undefined }) {
  if (end.iri)
    return (
      <PageLink className="end" href={entityAddress(end.iri)}>
        {label ?? end.label}
      </PageLink>
    );
  return (
    <span className="end">
      <span className="end-table">{place(end)}</span>
      {end.fields.length > 0 && <code className="end-fields">{end.fields.join(" + ")}</code>}
    </span>
  );
}

function place(end: End): string {
  return end.table ? `${end.source}/${end.table}` : end.source;
}
