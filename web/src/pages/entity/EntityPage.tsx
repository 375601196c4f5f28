/** One entity: what is known about it, where that was seen, what it is linked with. */

import "./entity.css";
import { ENTITY } from "../../graphql/operations";
import type { Entity } from "../../graphql/types";
import { useAnswer } from "../../graphql/useAnswer";
import { SourceBadges, TypeLinks } from "../../parts/Badges";
import { Empty, Failure, Waiting } from "../../parts/Notice";
import { HOME_PAGE } from "../../routing/addresses";
import { PageLink } from "../../routing/router";
import { Facts } from "./Facts";
import { Links } from "./Links";
import { Neighbourhood } from "./neighbourhood/Neighbourhood";

export function EntityPage({ iri }: { iri: string }) {
  const { answer, failure, askAgain } = useAnswer(ENTITY, iri ? { iri } : null);
  if (failure) return <Failure sentence={failure} again={askAgain} />;
  if (!iri || answer?.entity === null) return <Unknown iri={iri} />;
  if (!answer?.entity) return <Waiting what="Reading the entity" />;
  return <Shown entity={answer.entity} />;
}

function Shown({ entity }: { entity: Entity }) {
  return (
    <article className="entity">
      <title>{`${entity.label} · Bifrost`}</title>
      <header className="entity-header">
        <p className="entity-types">
          <TypeLinks types={entity.types} />
        </p>
        <h1>{entity.label}</h1>
        <p className="entity-name">
          <code>{entity.iri}</code>
        </p>
        <p className="entity-sources">
          Known from <SourceBadges sources={entity.sources} />
        </p>
        {entity.redirectedFrom && (
          <p className="notice notice-redirect" role="note">
            <span>
              <code>{entity.redirectedFrom}</code> was found to be the same thing; this is the entity that both became.
            </span>
          </p>
        )}
      </header>
      <div className="entity-columns">
        <div className="entity-reading">
          <Facts facts={entity.facts} />
          <Links links={entity.links} />
        </div>
        <Neighbourhood iri={entity.iri} label={entity.label} />
      </div>
    </article>
  );
}

function Unknown({ iri }: { iri: string }) {
  return (
    <Empty title={iri ? "There is no such entity in the graph." : "No entity is named in the address."}>
      <title>No such entity · Bifrost</title>
      {iri && (
        <p>
          <code>{iri}</code>
        </p>
      )}
      <p>
        <PageLink href={HOME_PAGE}>Search the graph</PageLink>
      </p>
    </Empty>
  );
}
