/** Facts and links of an entity in the groups in which they are read. */

import type { Fact, Link, Support } from "../../graphql/types";
import { grouped } from "../../grouping";

export interface PropertyFacts {
  label: string;
  values: Fact[];
}

/** Group facts by what they say, so that the same field of several sources stands side by side. */
export function byProperty(facts: Fact[]): PropertyFacts[] {
  return [...grouped(facts, (fact) => fact.property.label)].map(([label, values]) => ({
    label,
    values: values.toSorted(
      (one, other) => other.supports.length - one.supports.length || compare(one.value, other.value),
    ),
  }));
}

export interface SourceShare {
  source: string;
  facts: number;
}

/** Count for each source the facts that it supports, the most first. */
export function sourceShares(facts: Fact[]): SourceShare[] {
  const pairs = facts.flatMap((fact) => [...new Set(fact.supports.map((support) => support.source))]);
  return [...grouped(pairs, (source) => source)]
    .map(([source, uses]) => ({ source, facts: uses.length }))
    .sort((one, other) => other.facts - one.facts || compare(one.source, other.source));
}

/** Keep the facts that a source supports, and of their places those in the source; `null` keeps all. */
export function supportedBy(facts: Fact[], source: string | null): Fact[] {
  if (source === null) return facts;
  const kept = (support: Support) => support.source === source;
  return facts
    .filter((fact) => fact.supports.some(kept))
    .map((fact) => ({ ...fact, supports: fact.supports.filter(kept) }));
}

export interface LinkGroup {
  name: string;
  direction: Link["direction"];
  links: Link[];
}

/** Group links by type and direction: those from the entity first, small groups first, as they say the most. */
export function byLinkType(links: Link[]): LinkGroup[] {
  return [...grouped(links, (link) => `${link.direction} ${link.predicate}`).values()]
    .flatMap((members) => {
      const first = members[0];
      return first ? [{ name: first.name, direction: first.direction, links: members.toSorted(byLabel) }] : [];
    })
    .sort(
      (one, other) =>
        Number(one.direction === "in") - Number(other.direction === "in") ||
        one.links.length - other.links.length ||
        compare(one.name, other.name),
    );
}

function byLabel(one: Link, other: Link): number {
  return compare(one.entity.label, other.entity.label);
}

function compare(one: string, other: string): number {
  return one.localeCompare(other, "en", { numeric: true });
}
