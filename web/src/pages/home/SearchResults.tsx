/** Entities that a search found, the best first. */

import { SEARCH } from "../../graphql/operations";
import type { SearchHit } from "../../graphql/types";
import { useAnswer } from "../../graphql/useAnswer";
import { TypeBadges } from "../../parts/Badges";
import { Marked } from "../../parts/Marked";
import { Empty, Failure } from "../../parts/Notice";
import { entityAddress } from "../../routing/addresses";
import { PageLink } from "../../routing/router";
import { counted } from "../../text/numbers";
import { arrowSteps, moveFocus } from "./focus";

export function SearchResults({ query }: { query: string }) {
  const { answer, failure, waiting, askAgain } = useAnswer(SEARCH, { text: query });
  const hits = answer?.search;
  return (
    <section aria-label="Results" aria-busy={waiting}>
      <p className="results-count" role="status" aria-live="polite">
        {failure ? "" : hits ? counted(hits.length, "result") : "Searching"}
      </p>
      {failure && <Failure sentence={failure} again={askAgain} />}
      {hits?.length === 0 && !waiting && (
        <Empty title={`Nothing in the graph matches “${query}”.`}>
          <p>Try fewer or other words, or the number alone.</p>
        </Empty>
      )}
      {hits && hits.length > 0 && <Hits hits={hits} query={query} />}
    </section>
  );
}

function Hits({ hits, query }: { hits: SearchHit[]; query: string }) {
  return (
    <ul
      className="rows"
      onKeyDown={(event) => {
        const steps = arrowSteps(event.key);
        if (steps && moveFocus(steps)) event.preventDefault();
      }}
    >
      {hits.map((hit) => (
        <li key={hit.iri}>
          <PageLink className="row" href={entityAddress(hit.iri)} data-result="">
            <span className="row-label">
              <Marked text={hit.label} query={query} />
            </span>
            <span className="row-badges">
              <TypeBadges types={hit.types} />
            </span>
            {hit.snippet && hit.snippet !== hit.label && (
              <span className="row-snippet">
                <Marked text={hit.snippet} query={query} />
              </span>
            )}
          </PageLink>
        </li>
      ))}
    </ul>
  );
}
