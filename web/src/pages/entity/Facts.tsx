/** What is known about an entity: every value with the places it was seen. */

import { useState } from "react";
import type { Fact } from "../../graphql/types";
import { Empty } from "../../parts/Notice";
import { Places } from "../../parts/Places";
import { counted } from "../../text/numbers";
import { byProperty, type SourceShare, sourceShares, supportedBy } from "./grouping";

export function Facts({ facts }: { facts: Fact[] }) {
  const [source, setSource] = useState<string | null>(null);
  const shares = sourceShares(facts);
  const shown = byProperty(supportedBy(facts, source));
  return (
    <section aria-labelledby="facts">
      <div className="section-head">
        <h2 id="facts">
          Facts <span className="section-count">{facts.length}</span>
        </h2>
        {shares.length > 1 && <SourceChoice shares={shares} chosen={source} choose={setSource} />}
      </div>
      {facts.length === 0 && <Empty title="No facts are known, only links." />}
      <dl className="facts">
        {shown.map((property) => (
          <div key={property.label} className="fact">
            <dt>{property.label}</dt>
            {property.values.map((fact) => (
              <dd key={`${fact.property.iri} ${fact.datatype} ${fact.value}`}>
                <p className="fact-value">{fact.value}</p>
                <Places supports={fact.supports} />
              </dd>
            ))}
          </div>
        ))}
      </dl>
    </section>
  );
}

interface Choice {
  shares: SourceShare[];
  chosen: string | null;
  choose: (source: string | null) => void;
}

function SourceChoice({ shares, chosen, choose }: Choice) {
  return (
    <div className="choices" role="group" aria-label="Show facts of">
      <button type="button" aria-pressed={chosen === null} onClick={() => choose(null)}>
        all sources
      </button>
      {shares.map(({ source, facts }) => (
        <button
          key={source}
          type="button"
          aria-pressed={chosen === source}
          title={counted(facts, "fact")}
          onClick={() => choose(source)}
        >
          {source}
        </button>
      ))}
    </div>
  );
}
