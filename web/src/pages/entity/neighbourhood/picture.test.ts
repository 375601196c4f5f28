import { expect, test } from "vitest";
import type { Neighbourhood } from "../../../graphql/types";
import { colours, emptyPicture, grown } from "./picture";

const star = (centre: string, names: string[], type = "Batch"): Neighbourhood => ({
  nodes: [centre, ...names].map((iri) => ({ iri, label: iri, type: iri === centre ? "Supplier" : type })),
  edges: names.map((end) => ({ start: centre, end, name: "gives", predicate: "link/gives", confidence: 1 })),
  truncated: names.length > 20,
});

const names = (count: number, prefix = "n") => Array.from({ length: count }, (_, position) => `${prefix}${position}`);

test("a picture that grows keeps what it shows and adds every link once", () => {
  const first = grown(emptyPicture("a"), "a", star("a", ["b", "c"]));
  const second = grown(grown(first, "b", star("b", ["c", "d"])), "b", star("b", ["c", "d"]));
  expect([...second.nodes.keys()]).toEqual(["a", "b", "c", "d"]);
  expect(second.edges.size).toBe(4);
  expect([...second.expanded]).toEqual(["a", "b"]);
});

test("a link to an entity that is not drawn is left out", () => {
  const found = star("a", ["b"]);
  found.edges.push({ start: "a", end: "elsewhere", name: "x", predicate: "x", confidence: 1 });
  expect(grown(emptyPicture("a"), "a", found).edges.size).toBe(1);
});

test("a picture remembers where the server cut", () => {
  expect([...grown(emptyPicture("a"), "a", star("a", names(21))).cut]).toEqual(["a"]);
});

test("growing never gives a type another colour", () => {
  const first = grown(emptyPicture("a"), "a", star("a", ["b"]));
  const second = grown(first, "b", star("b", names(3, "m"), "Return"));
  const [before, after] = [colours(first), colours(second)];
  expect([...before].every(([type, colour]) => after.get(type) === colour)).toBe(true);
  expect(after.get("Return")).toBe(3);
});

test("types beyond the palette share one colour", () => {
  const many = { ...star("a", []), nodes: names(12).map((iri) => ({ iri, label: iri, type: `T${iri}` })) };
  const shared = [...colours(grown(emptyPicture("a"), "a", many)).values()].filter((colour) => colour === 0);
  expect(shared).toHaveLength(4);
});
