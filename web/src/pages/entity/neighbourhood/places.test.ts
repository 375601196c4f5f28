import { expect, test } from "vitest";
import type { Neighbourhood } from "../../../graphql/types";
import { emptyPicture, grown, type Picture } from "./picture";
import { places } from "./places";

const around = (centre: string, names: string[]): Neighbourhood => ({
  nodes: [centre, ...names].map((iri) => ({ iri, label: `entity ${iri}`, type: "Batch" })),
  edges: names.map((end) => ({ start: centre, end, name: "gives", predicate: "link/gives", confidence: 1 })),
  truncated: false,
});

const names = (count: number, prefix = "n") => Array.from({ length: count }, (_, position) => `${prefix}${position}`);
const star = (count: number) => grown(emptyPicture("a"), "a", around("a", names(count)));

function overlapping(picture: Picture): number {
  const points = [...places(picture).values()];
  const close = points.flatMap((one, position) =>
    points.slice(position + 1).filter((other) => Math.abs(one.x - other.x) < 60 && Math.abs(one.y - other.y) < 40),
  );
  return close.length;
}

test.each([0, 1, 7, 20, 60])("%i neighbours all get a place of their own", (count) => {
  const picture = star(count);
  expect(places(picture).size).toBe(count + 1);
  expect(overlapping(picture)).toBe(0);
});

test("entities that a person expanded keep apart as well", () => {
  const picture = grown(grown(star(8), "n2", around("n2", names(12, "m"))), "m3", around("m3", names(9, "k")));
  expect(places(picture).size).toBe(30);
  expect(overlapping(picture)).toBe(0);
});

test("the entity in focus is in the middle", () => {
  expect(places(star(9)).get("a")).toEqual({ x: 0, y: 0 });
});

test("what is found further out is drawn further out", () => {
  const found = places(grown(star(4), "n0", around("n0", ["far"])));
  const distance = (iri: string) => Math.hypot(found.get(iri)?.x ?? 0, (found.get(iri)?.y ?? 0) * 1.3);
  expect(distance("far")).toBeGreaterThan(distance("n0"));
});

test("an entity without any link is drawn too", () => {
  const found = around("a", ["b"]);
  found.nodes.push({ iri: "alone", label: "alone", type: "Batch" });
  expect(places(grown(emptyPicture("a"), "a", found)).has("alone")).toBe(true);
});

test("the same picture is placed alike, in whatever order its links come", () => {
  const found = around("a", names(12));
  const reversed = { ...found, edges: found.edges.toReversed() };
  expect(places(grown(emptyPicture("a"), "a", reversed))).toEqual(places(grown(emptyPicture("a"), "a", found)));
});
