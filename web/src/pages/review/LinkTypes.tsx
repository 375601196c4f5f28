/** The link types in force and how many links each has. */

import { useEffect, useRef } from "react";
import type { LinkType } from "../../graphql/types";
import type { Answered } from "../../graphql/useAnswer";
import { EndName } from "../../parts/EndName";
import { Failure, Waiting } from "../../parts/Notice";
import { count, percent } from "../../text/numbers";
import { TypeChanges } from "./TypeChanges";

const RULES = {
  reference: "reference",
  "same-thing": "same thing",
  mention: "mentioned",
  claim: "stated in texts",
  predicted: "predicted",
  "same-value": "equal values",
  similar: "similar words",
  path: "other links",
};

const WITH_A_TRANSFORM = ["reference", "same-value"];

interface Listed {
  answered: Answered<{ linkTypes: LinkType[] }>;
  noted: () => void;
}

export function LinkTypes({ answered, noted }: Listed) {
  const { answer, failure, askAgain } = answered;
  const section = useRef<HTMLElement>(null);
  const there = answer !== undefined;
  useEffect(() => {
    if (there && location.hash === "#link-types") section.current?.scrollIntoView();
  }, [there]);
  const changed = () => {
    noted();
    askAgain();
  };
  return (
    <section id="link-types" ref={section} aria-labelledby="link-types-title">
      <h2 id="link-types-title">
        Link types in force {answer && <span className="section-count">{answer.linkTypes.length}</span>}
      </h2>
      {failure && <Failure sentence={failure} again={askAgain} />}
      {!answer && !failure && <Waiting what="Reading link types" />}
      {answer && answer.linkTypes.length === 0 && <p className="quiet">None yet: accept a question, then apply.</p>}
      {answer && answer.linkTypes.length > 0 && <Table linkTypes={answer.linkTypes} changed={changed} />}
    </section>
  );
}

function Table({ linkTypes, changed }: { linkTypes: LinkType[]; changed: () => void }) {
  return (
    <div className="table-frame">
      <table>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">From</th>
            <th scope="col">To</th>
            <th scope="col">Found by</th>
            <th scope="col">Settled by</th>
            <th scope="col" className="number">
              Links
            </th>
          </tr>
        </thead>
        <tbody>
          {linkTypes.map((type) => (
            <tr key={type.proposal}>
              <th scope="row">
                {type.name}
                <div className="type-changes">
                  <TypeChanges name={type.name} changed={changed} />
                </div>
              </th>
              <td>
                <EndName end={type.start} />
              </td>
              <td>
                <EndName end={type.end} />
              </td>
              <td>
                {RULES[type.rule]}
                {WITH_A_TRANSFORM.includes(type.rule) && type.transform !== "exact" && <span className="quiet"> as {type.transform}</span>}
              </td>
              <td className="settled">
                {type.decided ? "a person" : <span className="quiet">policy, at {percent(type.confidence)}</span>}
              </td>
              <td className="number">
                {type.rule === "same-thing" ? <span className="quiet">merged</span> : count(type.links)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
