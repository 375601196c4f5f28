import { expect, test } from "vitest";
import { entityAddress, searchAddress, typeAddress } from "./addresses";

test("an entity's address gives its IRI back unchanged", () => {
  const iri = "https://graph.example.org/entity/a b/c?d=1&e=%2F#f";
  expect(new URL(entityAddress(iri), "http://localhost").searchParams.get("iri")).toBe(iri);
});

test("a type's address gives its IRI back unchanged", () => {
  const iri = "https://graph.example.org/ontology/x/Größe";
  expect(new URL(typeAddress(iri), "http://localhost").searchParams.get("type")).toBe(iri);
});

test("an empty search is the first page", () => {
  expect(searchAddress("")).toBe("/");
});
