/** What applying answers changed. */

import type { Summary } from "../../graphql/types";
import { weight } from "../../text/numbers";

export interface Change {
  name: string;
  value: number;
  /** The signed difference; empty when nothing changed. */
  difference: string;
}

const SHOWN: [keyof Summary, string][] = [
  ["linkTypes", "link types"],
  ["links", "links"],
  ["entities", "entities"],
  ["facts", "facts"],
  ["openProposals", "open questions"],
];

/** Compare two summaries. */
export function changes(before: Summary, now: Summary): Change[] {
  return SHOWN.map(([key, name]) => {
    const difference = now[key] - before[key];
    return { name, value: now[key], difference: difference ? weight(difference) : "" };
  });
}
