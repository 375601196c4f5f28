/** Where entities are drawn: a radial tree around the one in focus, neighbours of one link type side by side. */

import type { NeighbourhoodNode } from "../../../graphql/types";
import type { Picture } from "./picture";
import { shortened } from "./shortened";

export interface Point {
  x: number;
  y: number;
}

/** Labels are wide and flat, so that circles are drawn as ellipses and boxes kept apart. */
const STRETCH = 1.3;
const BETWEEN_LEVELS = 130;
const BETWEEN_ROWS = 62;
const BESIDE = 72;
const FULL = 2 * Math.PI;

/** Place every entity; the same picture is always placed alike. */
export function places(picture: Picture): Map<string, Point> {
  const tree = treeOf(picture);
  const angles = anglesOf(tree);
  const found = new Map<string, Point>([[picture.focus, { x: 0, y: 0 }]]);
  let reach = 0;
  for (const level of tree.levels) {
    const { rows, start } = ring(level.length, tree.leaves, reach);
    for (const [position, iri] of level.entries()) {
      const row = tree.children.has(iri) ? 0 : position % rows;
      const radius = start + row * BETWEEN_ROWS;
      const angle = angles.get(iri) ?? 0;
      found.set(iri, { x: radius * STRETCH * Math.cos(angle), y: radius * Math.sin(angle) });
    }
    reach = start + (rows - 1) * BETWEEN_ROWS;
  }
  return apart(found, picture);
}

interface Tree {
  /** The entities by their distance from the focus, without the focus; children of one parent stand together. */
  levels: string[][];
  children: Map<string, string[]>;
  leaves: number;
  focus: string;
}

/** Find for each entity the way by which it is reached first. */
function treeOf(picture: Picture): Tree {
  const next = neighboursOf(picture);
  const children = new Map<string, string[]>();
  const seen = new Set([picture.focus]);
  const levels: string[][] = [];
  for (let level = [picture.focus]; level.length > 0;) {
    const reached: string[] = [];
    for (const parent of level) {
      const own = (next.get(parent) ?? []).filter((iri) => !seen.has(iri));
      for (const iri of own) seen.add(iri);
      if (own.length > 0) children.set(parent, sideBySide(own, next));
      reached.push(...(children.get(parent) ?? []));
    }
    if (reached.length > 0) levels.push(reached);
    level = reached;
  }
  const stray = [...picture.nodes.keys()].filter((iri) => !seen.has(iri));
  if (stray.length > 0) {
    levels.push(stray);
    children.set(picture.focus, [...(children.get(picture.focus) ?? []), ...stray]);
  }
  const leaves = levels.flat().filter((iri) => !children.has(iri)).length;
  return { levels, children, leaves, focus: picture.focus };
}

/** Give each entity its neighbours, those of one link type and entity type together. */
function neighboursOf(picture: Picture): Map<string, string[]> {
  const found = new Map<string, Map<string, string>>();
  const add = (from: string, to: string, link: string) => {
    const keys = found.get(from) ?? new Map<string, string>();
    const key = `${link} ${named(picture.nodes.get(to))}`;
    const before = keys.get(to);
    keys.set(to, before !== undefined && before < key ? before : key);
    found.set(from, keys);
  };
  for (const edge of picture.edges.values()) {
    add(edge.start, edge.end, `0 ${edge.name}`);
    add(edge.end, edge.start, `1 ${edge.name}`);
  }
  return new Map([...found].map(([iri, keys]) => [iri, inOrder(keys)]));
}

function inOrder(keys: Map<string, string>): string[] {
  const sorted = [...keys].sort(([, one], [, other]) => one.localeCompare(other, "en", { numeric: true }));
  return sorted.map(([iri]) => iri);
}

function named(node: NeighbourhoodNode | undefined): string {
  return node ? `${node.type} ${node.label}` : "";
}

/** Bring those together that are linked with each other, so that their links stay short. */
function sideBySide(iris: string[], next: Map<string, string[]>): string[] {
  const waiting = new Set(iris);
  const ordered: string[] = [];
  const take = (iri: string) => {
    if (!waiting.delete(iri)) return;
    ordered.push(iri);
    for (const linked of next.get(iri) ?? []) take(linked);
  };
  for (const iri of iris) take(iri);
  return ordered;
}

/** Share the circle among the leaves; a parent stands in the middle of its own. */
function anglesOf({ children, leaves, focus }: Tree): Map<string, number> {
  const angles = new Map<string, number>();
  const step = FULL / Math.max(leaves, 1);
  let free = -FULL / 4;
  const place = (iri: string): { first: number; last: number } => {
    const own = children.get(iri);
    if (!own) {
      const angle = free;
      free += step;
      angles.set(iri, angle);
      return { first: angle, last: angle };
    }
    const spans = own.map(place);
    const [first, last] = [spans[0]?.first ?? free, spans.at(-1)?.last ?? free];
    angles.set(iri, (first + last) / 2);
    return { first, last };
  };
  place(focus);
  return angles;
}

interface Ring {
  rows: number;
  start: number;
}

/** Make a ring wide enough for its members, which stand in up to three rows when there are many. */
function ring(members: number, leaves: number, reach: number): Ring {
  const rows = members <= 14 ? 1 : members <= 30 ? 2 : 3;
  const wide = (BESIDE * Math.max(leaves, members)) / rows / FULL;
  return {
    rows,
    start: Math.max(reach + BETWEEN_LEVELS, members > 1 ? Math.min(wide, reach + 2 * BETWEEN_LEVELS) : 0),
  };
}

const BOX_HEIGHT = 48;
const ROUNDS = 80;

/** Push boxes of overlapping labels apart; the entity in focus stays where it is. */
function apart(found: Map<string, Point>, picture: Picture): Map<string, Point> {
  const boxes = [...found].map(([iri, point]) => ({
    iri,
    ...point,
    width: 16 + shortened(picture.nodes.get(iri)?.label ?? "").length * 6.2,
    still: iri === picture.focus,
  }));
  for (let round = 0; round < ROUNDS; round++) {
    let moved = false;
    for (const [position, one] of boxes.entries())
      for (const other of boxes.slice(position + 1)) if (separate(one, other)) moved = true;
    if (!moved) break;
  }
  return new Map(boxes.map(({ iri, x, y }) => [iri, { x, y }]));
}

interface Box extends Point {
  width: number;
  still: boolean;
}

function separate(one: Box, other: Box): boolean {
  const across = (one.width + other.width) / 2 - Math.abs(one.x - other.x);
  const down = BOX_HEIGHT - Math.abs(one.y - other.y);
  if (across <= 0.5 || down <= 0.5) return false;
  const [axis, overlap] = across < down ? (["x", across] as const) : (["y", down] as const);
  const sign = one[axis] <= other[axis] ? -1 : 1;
  const share = one.still || other.still ? 1 : 0.5;
  if (!one.still) one[axis] += sign * overlap * share;
  if (!other.still) other[axis] -= sign * overlap * share;
  return true;
}
