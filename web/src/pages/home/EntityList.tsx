/** The entities of one type, page by page. */

import { useEffect, useState } from "react";
import { ask } from "../../graphql/client";
import { ENTITIES } from "../../graphql/operations";
import type { EntityPage, TypeCount } from "../../graphql/types";
import { SourceBadges } from "../../parts/Badges";
import { Empty, Failure, Waiting } from "../../parts/Notice";
import { entityAddress, HOME_PAGE } from "../../routing/addresses";
import { PageLink } from "../../routing/router";
import { counted } from "../../text/numbers";
import { arrowSteps, moveFocus } from "./focus";

export function EntityList({ type, known }: { type: string; known: TypeCount | undefined }) {
  const { page, failure, waiting, more } = usePages(type);
  const label = known?.label ?? page?.nodes[0]?.types.find((each) => each.iri === type)?.label ?? "Entities";
  return (
    <section aria-labelledby="entities" aria-busy={waiting}>
      <p className="trail">
        <PageLink href={HOME_PAGE}>All types</PageLink>
      </p>
      <h2 id="entities">
        {label} {known?.source && <span className="badge badge-source">{known.source}</span>}
      </h2>
      {page && (
        <p className="results-count" role="status">
          {counted(page.total, "entity", "entities")}
        </p>
      )}
      {page?.total === 0 && <Empty title="There is no entity of this type." />}
      {page && <Rows page={page} />}
      {failure && <Failure sentence={failure} again={more} />}
      {waiting && <Waiting what="Reading entities" />}
      {page?.nextCursor && !waiting && !failure && (
        <button type="button" className="button" onClick={more}>
          Show more
        </button>
      )}
    </section>
  );
}

function Rows({ page }: { page: EntityPage }) {
  return (
    <ul
      className="rows"
      onKeyDown={(event) => {
        const steps = arrowSteps(event.key);
        if (steps && moveFocus(steps)) event.preventDefault();
      }}
    >
      {page.nodes.map((entity) => (
        <li key={entity.iri}>
          <PageLink className="row" href={entityAddress(entity.iri)} data-result="">
            <span className="row-label">{entity.label}</span>
            <span className="row-badges">
              <SourceBadges sources={entity.sources} />
            </span>
          </PageLink>
        </li>
      ))}
    </ul>
  );
}

interface Pages {
  page: EntityPage | undefined;
  failure: string | undefined;
  waiting: boolean;
  more: () => void;
}

/** Read pages one after the other and keep them all. */
function usePages(type: string): Pages {
  const [page, setPage] = useState<EntityPage>();
  const [failure, setFailure] = useState<string>();
  const [asked, setAsked] = useState<{ after: string | null }>({ after: null });
  const [waiting, setWaiting] = useState(true);

  useEffect(() => {
    const stop = new AbortController();
    setWaiting(true);
    setFailure(undefined);
    ask(ENTITIES, { type, after: asked.after }, stop.signal)
      .then(({ entities }) => setPage((before) => joined(asked.after ? before : undefined, entities)))
      .catch((error: Error) => !stop.signal.aborted && setFailure(error.message))
      .finally(() => !stop.signal.aborted && setWaiting(false));
    return () => stop.abort();
  }, [type, asked]);

  return { page, failure, waiting, more: () => setAsked({ after: page?.nextCursor ?? null }) };
}

function joined(before: EntityPage | undefined, next: EntityPage): EntityPage {
  return before ? { ...next, nodes: [...before.nodes, ...next.nodes] } : next;
}
