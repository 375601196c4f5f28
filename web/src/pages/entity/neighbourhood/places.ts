/** Where entities are drawn at first: around the one they were found from, neighbours of one link type side by side. */

import type { NeighbourhoodNode } from "../../../graphql/types";
import type { Picture } from "./picture";

export interface Point {
  x: number;
  y: number;
}

const APART = 84;
const NEAREST = 150;
const RING = 105;
const FULL = 2 * Math.PI;
const FAN = 0.75 * Math.PI;

/** Place the entities that have no place yet; the same picture is always placed alike. */
export function placed(picture: Picture, known: ReadonlyMap<string, Point>, around: string): Map<string, Point> {
  const places = new Map(known);
  const centre = places.get(around) ?? { x: 0, y: 0 };
  places.set(around, centre);
  const newcomers = [...picture.nodes.values()].filter((node) => !places.has(node.iri));
  const origin = places.get(picture.focus) ?? centre;
  const whole = around === picture.focus;
  const outward = Math.atan2(centre.y - origin.y, centre.x - origin.x);
  const ordered = sideBySide(picture, newcomers);
  for (const [node, point] of spread(ordered, centre, whole ? { from: -FULL / 4, angle: FULL } : { from: outward - FAN / 2, angle: FAN }))
    places.set(node.iri, point);
  return places;
}

function sideBySide(picture: Picture, nodes: NeighbourhoodNode[]): NeighbourhoodNode[] {
  const names = new Map<string, string>();
  for (const edge of picture.edges.values()) {
    if (!names.has(edge.end)) names.set(edge.end, `0 ${edge.name}`);
    if (!names.has(edge.start)) names.set(edge.start, `1 ${edge.name}`);
  }
  const key = (node: NeighbourhoodNode) => `${names.get(node.iri) ?? ""} ${node.type} ${node.label}`;
  return nodes.toSorted((one, other) => key(one).localeCompare(key(other), "en", { numeric: true }));
}

interface Arc {
  from: number;
  angle: number;
}

/** Put nodes on as many rings as they need; every ring is filled before the next. */
function* spread(nodes: NeighbourhoodNode[], centre: Point, arc: Arc): Generator<[NeighbourhoodNode, Point]> {
  const closed = arc.angle === FULL;
  const rings = ringSizes(nodes.length, arc.angle);
  let next = 0;
  for (const [ring, size] of rings.entries()) {
    const radius = NEAREST + ring * RING;
    const steps = closed ? size : Math.max(size - 1, 1);
    for (let position = 0; position < size; position++) {
      const node = nodes[next++];
      if (!node) return;
      const share = !closed && size === 1 ? 0.5 : (position + (closed ? (ring % 2) / 2 : 0)) / steps;
      const angle = arc.from + arc.angle * share;
      yield [node, { x: centre.x + radius * 1.25 * Math.cos(angle), y: centre.y + radius * Math.sin(angle) }];
    }
  }
}

function ringSizes(count: number, angle: number): number[] {
  const sizes: number[] = [];
  for (let left = count, ring = 0; left > 0; ring++) {
    const room = Math.max(1, Math.floor((angle * (NEAREST + ring * RING)) / APART));
    sizes.push(Math.min(room, left));
    left -= room;
  }
  return sizes;
}
