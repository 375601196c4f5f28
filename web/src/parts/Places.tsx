/** Where a fact or link was seen, and how sure the reading is. */

import { Fragment } from "react";
import type { Support } from "../graphql/types";
import { percent } from "../text/numbers";

const SHOWN = 2;

export function Places({ supports }: { supports: Support[] }) {
  const [first, more] = [supports.slice(0, SHOWN), supports.slice(SHOWN)];
  return (
    <div className="places">
      <List supports={first} />
      {more.length > 0 && (
        <details>
          <summary>
            {more.length} more {more.length === 1 ? "place" : "places"}
          </summary>
          <List supports={more} />
        </details>
      )}
    </div>
  );
}

function List({ supports }: { supports: Support[] }) {
  return (
    <ul>
      {supports.map((support) => (
        <li key={JSON.stringify(support)} className="place">
          <span className="place-source">{support.source}</span>
          {[support.item, support.place].filter(Boolean).map((step) => (
            <Fragment key={step}>
              {" "}
              <span className="place-step">{step}</span>
            </Fragment>
          ))}{" "}
          <span className="place-method">
            {support.method} <span title="confidence">{percent(support.confidence)}</span>
          </span>
        </li>
      ))}
    </ul>
  );
}
