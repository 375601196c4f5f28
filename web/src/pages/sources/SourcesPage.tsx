/** Sources: what was read, what could not be read and why, and the latest runs. */

import "./sources.css";
import { Fragment, useState } from "react";
import { SOURCES } from "../../graphql/operations";
import type { Source } from "../../graphql/types";
import { useAnswer } from "../../graphql/useAnswer";
import { Empty, Failure, Waiting } from "../../parts/Notice";
import { count, counted } from "../../text/numbers";
import { Rejects } from "./Rejects";
import { Runs } from "./Runs";

export function SourcesPage() {
  const { answer, failure, askAgain } = useAnswer(SOURCES, {});
  return (
    <div className="sources">
      <title>Sources · Bifrost</title>
      <h1>Sources</h1>
      {failure && <Failure sentence={failure} again={askAgain} />}
      {!answer && !failure && <Waiting what="Reading the sources" />}
      {answer?.sources.length === 0 && (
        <Empty title="No source is registered yet.">
          <p>
            Register one with <code>bifrost source add</code>, or in <code>bifrost.yaml</code>.
          </p>
        </Empty>
      )}
      {answer && answer.sources.length > 0 && <SourceTable sources={answer.sources} />}
      {answer && <Runs runs={answer.runs} />}
    </div>
  );
}

function SourceTable({ sources }: { sources: Source[] }) {
  const [open, setOpen] = useState<string>();
  return (
    <div className="table-frame">
      <table>
        <caption className="unseen">Registered sources</caption>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Kind</th>
            <th scope="col">Schedule</th>
            <th scope="col" className="number">
              Items
            </th>
            <th scope="col">Rejects</th>
          </tr>
        </thead>
        <tbody>
          {sources.map((source) => (
            <Fragment key={source.name}>
              <Row
                source={source}
                open={open === source.name}
                toggle={() => setOpen(open === source.name ? undefined : source.name)}
              />
              {open === source.name && (
                <tr className="reject-row">
                  <td colSpan={5} id={`rejects-${source.name}`}>
                    <Rejects source={source.name} all={source.rejects} />
                  </td>
                </tr>
              )}
            </Fragment>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ source, open, toggle }: { source: Source; open: boolean; toggle: () => void }) {
  return (
    <tr>
      <th scope="row">
        {source.name}
        {source.description && <p className="quiet source-description">{source.description}</p>}
      </th>
      <td>{source.kind}</td>
      <td>
        {source.schedule ? <code>{source.schedule}</code> : <span className="quiet">by hand</span>}
        {source.paused && <span className="badge badge-warning">paused</span>}
      </td>
      <td className="number">{count(source.items)}</td>
      <td>
        {source.rejects === 0 ? (
          <span className="quiet">none</span>
        ) : (
          <button
            type="button"
            className="button button-quiet"
            aria-expanded={open}
            aria-controls={`rejects-${source.name}`}
            onClick={toggle}
          >
            {counted(source.rejects, "reject")}
          </button>
        )}
      </td>
    </tr>
  );
}
