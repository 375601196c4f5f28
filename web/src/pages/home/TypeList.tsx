/** The types of the graph with their sizes, by source. */

import type { TypeCount } from "../../graphql/types";
import { Empty } from "../../parts/Notice";
import { SOURCES_PAGE, typeAddress } from "../../routing/addresses";
import { PageLink } from "../../routing/router";
import { count } from "../../text/numbers";
import { bySource } from "./bySource";

export function TypeList({ types }: { types: TypeCount[] }) {
  if (types.length === 0)
    return (
      <Empty title="The graph is empty so far.">
        <p>
          Entities appear here after the first run. <PageLink href={SOURCES_PAGE}>See the sources</PageLink>
        </p>
      </Empty>
    );
  const largest = Math.max(...types.map((type) => type.count));
  return (
    <section aria-labelledby="types">
      <h2 id="types">Types</h2>
      <div className="type-groups">
        {bySource(types).map((group) => (
          <div key={group.source} className="type-group">
            <h3>{group.source || "all sources"}</h3>
            <ul>
              {group.types.map((type) => (
                <TypeRow key={type.iri} type={type} largest={largest} />
              ))}
            </ul>
          </div>
        ))}
      </div>
    </section>
  );
}

function TypeRow({ type, largest }: { type: TypeCount; largest: number }) {
  return (
    <li>
      <PageLink className="type-row" href={typeAddress(type.iri)}>
        <span className="type-label">{type.label}</span>
        <span className="type-count">{count(type.count)}</span>
        <svg className="type-size" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
          <rect width={(100 * type.count) / largest} height="1" />
        </svg>
      </PageLink>
    </li>
  );
}
