/** What speaks for and against a proposal, the strongest first. */

import type { Reason } from "../../graphql/types";
import { weight } from "../../text/numbers";
import { barOf, byStrength, speaksAgainst } from "./bars";

export function Reasons({ reasons }: { reasons: Reason[] }) {
  if (reasons.length === 0) return null;
  const strongest = Math.max(...reasons.map((reason) => Math.abs(reason.weight)), Number.EPSILON);
  return (
    <section className="reasons" aria-label="Reasons">
      <h3>What speaks for and against it</h3>
      <ul>
        {byStrength(reasons).map((reason, position) => (
          <li key={position} className={speaksAgainst(reason) ? "reason against" : "reason"}>
            <span className="reason-feature">{reason.feature}</span>
            <span className="reason-value">{reason.value}</span>
            <svg className="reason-bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
              <line x1="50" x2="50" y1="0" y2="8" />
              <rect {...barOf(reason.weight, strongest)} y="1" height="6" />
            </svg>
            <span className="reason-weight">{weight(reason.weight)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
