/** Types and sources of an entity as small labels. */

import type { Term } from "../graphql/types";
import { PageLink } from "../routing/router";
import { typeAddress } from "../routing/addresses";

export function TypeBadges({ types }: { types: Term[] }) {
  return types.map((type) => (
    <span key={type.iri} className="badge">
      {type.label}
    </span>
  ));
}

/** Badges that lead to the entities of their type. */
export function TypeLinks({ types }: { types: Term[] }) {
  return types.map((type) => (
    <PageLink key={type.iri} className="badge" href={typeAddress(type.iri)}>
      {type.label}
    </PageLink>
  ));
}

export function SourceBadges({ sources }: { sources: string[] }) {
  return sources.map((source) => (
    <span key={source} className="badge badge-source">
      {source}
    </span>
  ));
}
