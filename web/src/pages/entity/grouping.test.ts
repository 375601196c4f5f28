import { expect, test } from "vitest";
import type { Fact, Link, Support } from "../../graphql/types";
import { byLinkType, byProperty, sourceShares, supportedBy } from "./grouping";

const place = (source: string): Support => ({ source, item: "batches", place: "row 1", method: "row", confidence: 1 });

const fact = (label: string, value: string, ...sources: string[]): Fact => ({
  property: { iri: `${sources[0]}/${label}`, label },
  value,
  datatype: "string",
  supports: sources.map(place),
});

const link = (name: string, direction: "in" | "out", label: string): Link => ({
  name,
  predicate: `link/${name}`,
  direction,
  entity: { iri: label, label, types: [], sources: [] },
  supports: [],
});

test("the same field of several sources is one group, the best supported value first", () => {
  const groups = byProperty([
    fact("city", "Munich", "aftersales"),
    fact("name", "Hof", "supply"),
    fact("city", "München", "supply", "files"),
  ]);
  expect(groups.map((group) => [group.label, group.values.map((each) => each.value)])).toEqual([
    ["city", ["München", "Munich"]],
    ["name", ["Hof"]],
  ]);
});

test("a source is counted once for each fact that it supports", () => {
  expect(sourceShares([fact("a", "1", "x", "x"), fact("b", "2", "x", "y")])).toEqual([
    { source: "x", facts: 2 },
    { source: "y", facts: 1 },
  ]);
});

test("narrowed to a source, facts keep only their places in it", () => {
  const facts = supportedBy([fact("a", "1", "x", "y"), fact("b", "2", "y")], "x");
  expect(facts.map((each) => [each.value, each.supports.map((support) => support.source)])).toEqual([["1", ["x"]]]);
});

test("no chosen source keeps everything", () => {
  const facts = [fact("a", "1", "x", "y")];
  expect(supportedBy(facts, null)).toEqual(facts);
});

test("links are grouped by type and direction, outgoing and small groups first", () => {
  const groups = byLinkType([
    link("batch", "in", "C-10"),
    link("batch", "in", "C-9"),
    link("supplier", "out", "Hof"),
    link("batch", "out", "B"),
    link("supplier", "out", "Aal"),
  ]);
  expect(groups.map((group) => [group.direction, group.name, group.links.map((each) => each.entity.label)])).toEqual([
    ["out", "batch", ["B"]],
    ["out", "supplier", ["Aal", "Hof"]],
    ["in", "batch", ["C-9", "C-10"]],
  ]);
});
