/** What a drawing shows: entities and links that grow as a person follows them. */

import type { Neighbourhood, NeighbourhoodEdge, NeighbourhoodNode } from "../../../graphql/types";

export interface Picture {
  focus: string;
  nodes: ReadonlyMap<string, NeighbourhoodNode>;
  edges: ReadonlyMap<string, NeighbourhoodEdge>;
  /** The entities whose links were asked for. */
  expanded: ReadonlySet<string>;
  /** The entities of which the server gave only the first links. */
  cut: ReadonlySet<string>;
}

export function emptyPicture(focus: string): Picture {
  return { focus, nodes: new Map(), edges: new Map(), expanded: new Set(), cut: new Set() };
}

/** Add what surrounds an entity; what is drawn already stays as it is. */
export function grown(picture: Picture, around: string, found: Neighbourhood): Picture {
  const nodes = new Map(picture.nodes);
  for (const node of found.nodes) if (!nodes.has(node.iri)) nodes.set(node.iri, node);
  const edges = new Map(picture.edges);
  for (const edge of found.edges) if (nodes.has(edge.start) && nodes.has(edge.end)) edges.set(edgeKey(edge), edge);
  const cut = new Set(picture.cut);
  if (found.truncated) cut.add(around);
  return { ...picture, nodes, edges, expanded: new Set(picture.expanded).add(around), cut };
}

export function edgeKey(edge: NeighbourhoodEdge): string {
  return `${edge.start} ${edge.predicate} ${edge.end}`;
}

export const COLOURS = 8;

/** Give each type its colour, 1 to 8, by first appearance, so that growing never repaints; the rest share 0. */
export function colours(picture: Picture): Map<string, number> {
  const types = [...new Set([...picture.nodes.values()].map((node) => node.type))];
  const focus = picture.nodes.get(picture.focus)?.type;
  const ordered = types.toSorted((one, other) => Number(other === focus) - Number(one === focus));
  return new Map(ordered.map((type, position) => [type, position < COLOURS ? position + 1 : 0]));
}
