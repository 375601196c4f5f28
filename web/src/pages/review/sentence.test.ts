import { expect, test } from "vitest";
import type { End, Proposal } from "../../graphql/types";
import { sentence, spoken } from "./sentence";

const end = (source: string, table = "", ...fields: string[]): End => ({
  source,
  table,
  fields,
  iri: null,
  label: source,
});
const thing = (iri: string): End => ({ source: "", table: "", fields: [], iri, label: iri });

const proposal = (changes: Partial<Proposal>): Proposal => ({
  id: "1",
  kind: "link-type",
  probability: 0.9,
  name: "batch",
  start: end("production", "consumption", "batch"),
  end: end("supply", "batches", "batch_id"),
  rule: "reference",
  transform: "exact",
  turned: false,
  examples: [],
  estimatedLinks: 444,
  because: [],
  model: "references",
  ...changes,
});

const said = (changes: Partial<Proposal>) => spoken(sentence(proposal(changes)));

test("a reference says whose records name what, by which fields, and how often", () => {
  expect(said({})).toBe(
    "Records of production/consumption name supply/batches by batch \u2192 batch_id (about 444 links).",
  );
});

test("a mention says which texts name what", () => {
  expect(said({ rule: "mention", start: end("documents"), estimatedLinks: 1 })).toBe(
    "Texts of documents mention supply/batches by batch_id (about 1 link).",
  );
});

test("a claim says what texts state of two things", () => {
  expect(said({ rule: "claim", name: "supplied_by", start: end("supply", "batches"), end: end("supply", "suppliers") })).toBe(
    "Texts say that supply/batches supplied by supply/suppliers (about 444 links).",
  );
});

test("a claim of a value says of which things it is stated", () => {
  expect(said({ rule: "claim", name: "viscosity", start: end("supply", "batches"), end: end("", "", "quantity") })).toBe(
    "Texts say viscosity of supply/batches as a quantity (about 444 links).",
  );
});

test("without an estimate no number is claimed", () => {
  expect(said({ estimatedLinks: 0 })).toBe(
    "Records of production/consumption name supply/batches by batch \u2192 batch_id.",
  );
});

test("several fields are joined", () => {
  expect(said({ start: end("a", "b", "x", "y") })).toContain("by x + y");
});

test("tables of the same things name the fields that agree", () => {
  expect(
    said({
      rule: "same-thing",
      start: end("supply", "suppliers", "name"),
      end: end("aftersales", "vendors", "vendor"),
    }),
  ).toBe(
    "Records of supply/suppliers and of aftersales/vendors are the same things where name and vendor agree (about 444 pairs).",
  );
});

test("a pair of entities is named by its labels and where they come from", () => {
  const pair = {
    kind: "same-entity" as const,
    start: thing("https://x.org/entity/supply/suppliers/S%201"),
    end: thing("https://x.org/entity/after%20sales/vendors/4"),
    examples: [["Hofmeister AG", "Hofmester"]],
  };
  expect(said(pair)).toBe("Hofmeister AG (supply/suppliers) and Hofmester (after sales/vendors) are the same thing.");
});

test("a pair without examples is named by its IRIs", () => {
  expect(said({ kind: "same-entity", start: thing("urn:a"), end: thing("urn:b") })).toBe(
    "urn:a and urn:b are the same thing.",
  );
});

test("an entity's IRI that is not well encoded does not break the sentence", () => {
  expect(said({ kind: "claim", start: thing("https://x.org/entity/a%/b/c"), end: thing("urn:b") })).toContain("(a%/b)");
});

test("a single link names its type", () => {
  expect(
    said({
      kind: "claim",
      name: "supplied by",
      examples: [["B-1", "Hof"]],
      start: thing("urn:a"),
      end: thing("urn:b"),
    }),
  ).toBe("B-1 has the link supplied by to Hof.");
});

test("the same field is named on both sides", () => {
  expect(said({ kind: "same-field" })).toBe(
    "batch of production/consumption and batch_id of supply/batches hold the same kind of values.",
  );
});
