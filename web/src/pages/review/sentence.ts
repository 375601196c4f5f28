/** A proposal as one plain sentence. */

import type { End, Proposal, ProposalKind, Verdict } from "../../graphql/types";
import { counted } from "../../text/numbers";

export interface Phrase {
  text: string;
  as: "plain" | "name" | "field";
}

export const KINDS: Record<ProposalKind, { one: string; many: string }> = {
  "link-type": { one: "Link type", many: "Link types" },
  "same-entity": { one: "Same thing", many: "Same things" },
  claim: { one: "Single link", many: "Single links" },
  "same-field": { one: "Same field", many: "Same fields" },
  name: { one: "Name in texts", many: "Names in texts" },
};

/** How the log's verdicts read. */
export const SAID: Record<Verdict, string> = {
  accept: "accepted",
  reject: "rejected",
  skip: "skipped",
  undo: "undone",
  rename: "renamed",
  correct: "corrected",
  delete: "deleted",
};

/** Say what accepting a proposal would mean. */
export function sentence(proposal: Proposal): Phrase[] {
  switch (proposal.kind) {
    case "link-type":
      return [...linkType(proposal), ...plain(about(proposal))];
    case "same-entity":
      return [...thing(proposal, 0), ...plain(" and "), ...thing(proposal, 1), ...plain(" are the same thing.")];
    case "claim":
      return [
        ...thing(proposal, 0),
        ...plain(" has the link "),
        name(proposal.name),
        ...plain(" to "),
        ...thing(proposal, 1),
        ...plain("."),
      ];
    case "name":
      return [name(proposal.name), ...plain(" is a name of the kind "), ...fields(proposal.end), ...plain(".")];
    case "same-field":
      return [
        ...fieldOf(proposal.start),
        ...plain(" and "),
        ...fieldOf(proposal.end),
        ...plain(" hold the same kind of values."),
      ];
  }
}

/** Give a sentence as text alone. */
export function spoken(phrases: Phrase[]): string {
  return phrases.map((phrase) => phrase.text).join("");
}

function linkType({ rule, start, end, name: suggested }: Proposal): Phrase[] {
  switch (rule) {
    case "mention":
      return [...plain("Texts of "), table(start), ...plain(" mention "), table(end), ...by(" by ", end)];
    case "claim":
      return end.table
        ? [...plain("Texts say that "), table(start), ...plain(` ${words(suggested)} `), table(end)]
        : [...plain("Texts say "), ...plain(`${words(suggested)} of `), table(start), ...plain(" as a "), ...fields(end)];
    case "same-thing":
      return [
        ...plain("Records of "),
        table(start),
        ...plain(" and of "),
        table(end),
        ...plain(" are the same things"),
        ...agreeing(start, end),
      ];
    case "predicted":
      return [
        ...plain("Records of "),
        table(start),
        ...plain(" are linked to "),
        table(end),
        ...plain(", as the graph suggests"),
      ];
    case "path":
      return [...plain("Records of "), table(start), ...plain(" lead by other links to "), table(end)];
    case "same-value":
      return [...plain("Records of "), table(start), ...plain(" and of "), table(end), ...agreeing(start, end)];
    case "similar":
      return [...fieldOf(start), ...plain(" and "), ...fieldOf(end), ...plain(" share rare words")];
    default:
      return [
        ...plain("Records of "),
        table(start),
        ...plain(" name "),
        table(end),
        ...by(" by ", start),
        ...by(" \u2192 ", end),
      ];
  }
}

function about({ estimatedLinks, rule }: Proposal): string {
  if (estimatedLinks <= 0) return ".";
  return ` (about ${rule === "same-thing" ? counted(estimatedLinks, "pair") : counted(estimatedLinks, "link")}).`;
}

function agreeing(start: End, end: End): Phrase[] {
  if (start.fields.length === 0 || end.fields.length === 0) return [];
  return [...plain(" where "), ...fields(start), ...plain(" and "), ...fields(end), ...plain(" agree")];
}

/** Name one of the two things of a pair by its label, which the first example holds. */
function thing(proposal: Proposal, side: 0 | 1): Phrase[] {
  const end = side === 0 ? proposal.start : proposal.end;
  const label = proposal.examples[0]?.[side] || end.label;
  const place = end.iri ? placeIn(end.iri) : "";
  return place ? [name(label), ...plain(` (${place})`)] : [name(label)];
}

/** Read source and table out of a record's IRI, `.../entity/SOURCE/TABLE/KEY`. */
function placeIn(iri: string): string {
  const [source, table] = iri.split("/entity/")[1]?.split("/") ?? [];
  return source && table ? decoded(`${source}/${table}`) : "";
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function fieldOf(end: End): Phrase[] {
  return [...fields(end), ...plain(" of "), table(end)];
}

function by(word: string, end: End): Phrase[] {
  return end.fields.length > 0 ? [...plain(word), ...fields(end)] : [];
}

function fields(end: End): Phrase[] {
  return [{ text: end.fields.join(" + "), as: "field" }];
}

function words(name: string): string {
  return name.replaceAll("_", " ");
}

function table(end: End): Phrase {
  return name(end.table ? `${end.source}/${end.table}` : end.source || end.label);
}

function name(text: string): Phrase {
  return { text, as: "name" };
}

function plain(text: string): Phrase[] {
  return [{ text, as: "plain" }];
}
