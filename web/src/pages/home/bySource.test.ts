import { expect, test } from "vitest";
import type { TypeCount } from "../../graphql/types";
import { bySource } from "./bySource";

const type = (source: string, label: string, count: number): TypeCount => ({
  iri: `${source}/${label}`,
  label,
  source,
  count,
});

test("the largest source and its largest type come first, types of no source last", () => {
  const groups = bySource([
    type("", "Document", 900),
    type("a", "Small", 2),
    type("b", "Big", 50),
    type("a", "Less", 9),
  ]);
  expect(groups.map((group) => [group.source, group.types.map((each) => each.label)])).toEqual([
    ["b", ["Big"]],
    ["a", ["Less", "Small"]],
    ["", ["Document"]],
  ]);
});
