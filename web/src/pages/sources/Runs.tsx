/** The latest runs, stage by stage. */

import type { Run } from "../../graphql/types";
import { between, moment } from "../../text/moments";
import { count, duration } from "../../text/numbers";

export function Runs({ runs }: { runs: Run[] }) {
  return (
    <section aria-labelledby="runs">
      <h2 id="runs">Latest runs</h2>
      {runs.length === 0 && (
        <p className="quiet">
          Nothing has run yet: <code>bifrost run</code> reads the sources and builds the graph.
        </p>
      )}
      {runs.length > 0 && (
        <div className="table-frame">
          <table>
            <thead>
              <tr>
                <th scope="col">Stage</th>
                <th scope="col">State</th>
                <th scope="col">Started</th>
                <th scope="col" className="number">
                  Took
                </th>
                <th scope="col">Counts</th>
              </tr>
            </thead>
            <tbody>
              {runs.map((run) => (
                <Row key={run.id} run={run} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function Row({ run }: { run: Run }) {
  return (
    <tr>
      <th scope="row">{run.stage}</th>
      <td>
        <span className={`state state-${run.state}`}>{run.state}</span>
      </td>
      <td>
        <time dateTime={run.started}>{moment(run.started)}</time>
      </td>
      <td className="number">{run.ended ? duration(between(run.started, run.ended)) : ""}</td>
      <td>
        <ul className="counts">
          {run.counts.map(({ name, value }) => (
            <li key={name}>
              {name.replaceAll("_", " ")} <strong>{count(value)}</strong>
            </li>
          ))}
        </ul>
        {run.failures.map((failure) => (
          <p key={failure} className="run-failure">
            {failure}
          </p>
        ))}
      </td>
    </tr>
  );
}
