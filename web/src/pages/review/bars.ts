/** Reasons as bars around a middle line. */

import type { Reason } from "../../graphql/types";

/** Order reasons by what they add or take, the strongest first. */
export function byStrength(reasons: Reason[]): Reason[] {
  return reasons.toSorted((one, other) => Math.abs(other.weight) - Math.abs(one.weight));
}

/** Tell whether a reason takes enough to be shown as more than nothing. */
export function speaksAgainst(reason: Reason): boolean {
  return reason.weight <= -0.05;
}

export interface Bar {
  x: number;
  width: number;
}

/** Give the bar of a weight on a scale of 100 with the middle at 50; to the right speaks for the proposal. */
export function barOf(weight: number, strongest: number): Bar {
  const width = (50 * Math.abs(weight)) / strongest;
  return { x: weight < 0 ? 50 - width : 50, width };
}
