/** The values of the server's GraphQL schema, as far as the pages ask for them. */

export interface Term {
  iri: string;
  label: string;
}

export interface Support {
  source: string;
  item: string;
  place: string;
  method: string;
  confidence: number;
}

export interface Fact {
  property: Term;
  value: string;
  datatype: string;
  supports: Support[];
}

export interface EntitySummary {
  iri: string;
  label: string;
  types: Term[];
  sources: string[];
}

export interface Link {
  name: string;
  predicate: string;
  direction: "in" | "out";
  entity: EntitySummary;
  supports: Support[];
}

export interface Entity extends EntitySummary {
  redirectedFrom: string | null;
  facts: Fact[];
  links: Link[];
}

export interface EntityPage {
  nodes: EntitySummary[];
  nextCursor: string | null;
  total: number;
}

export interface SearchHit {
  iri: string;
  label: string;
  types: Term[];
  score: number;
  snippet: string;
}

export interface TypeCount {
  iri: string;
  label: string;
  source: string;
  count: number;
}

export interface NeighbourhoodNode {
  iri: string;
  label: string;
  type: string;
}

export interface NeighbourhoodEdge {
  start: string;
  end: string;
  name: string;
  predicate: string;
  confidence: number;
}

export interface Neighbourhood {
  nodes: NeighbourhoodNode[];
  edges: NeighbourhoodEdge[];
  truncated: boolean;
}

export interface End {
  source: string;
  table: string;
  fields: string[];
  iri: string | null;
  label: string;
}

export type ProposalKind = "link-type" | "same-entity" | "claim" | "same-field" | "name";
export type RuleKind =
  | "reference"
  | "same-thing"
  | "mention"
  | "claim"
  | "predicted"
  | "same-value"
  | "similar"
  | "path";
export type Verdict = "accept" | "reject" | "skip" | "undo" | "rename" | "correct" | "delete";

/** What a person changes about a proposal; what is left out stays as it was suggested. */
export interface Correction {
  start?: string;
  end?: string;
  transform?: string;
  reverse?: boolean;
}

export interface Reason {
  feature: string;
  value: string;
  weight: number;
}

export interface Decision {
  seq: number;
  proposal: { id: string; name: string; kind: ProposalKind };
  verdict: Verdict;
  name: string;
  by: string;
  at: string | null;
  reason: string;
}

export interface Proposal {
  id: string;
  kind: ProposalKind;
  probability: number;
  name: string;
  start: End;
  end: End;
  rule: RuleKind;
  transform: string;
  turned: boolean;
  examples: string[][];
  estimatedLinks: number;
  because: Reason[];
  model: string;
}

export interface LinkType {
  name: string;
  proposal: string;
  start: End;
  end: End;
  rule: RuleKind;
  transform: string;
  links: number;
  decided: boolean;
  confidence: number;
}

export interface Source {
  name: string;
  kind: string;
  description: string;
  schedule: string | null;
  paused: boolean;
  items: number;
  rejects: number;
}

export interface Reject {
  source: string;
  item: string;
  place: string;
  stage: string;
  reason: string;
}

export interface Count {
  name: string;
  value: number;
}

export interface Run {
  id: number;
  stage: string;
  state: string;
  started: string;
  ended: string | null;
  counts: Count[];
  failures: string[];
}

export interface StageReport {
  stage: string;
  counts: Count[];
  failures: string[];
}

export interface Summary {
  entities: number;
  links: number;
  facts: number;
  linkTypes: number;
  openProposals: number;
  decisions: number;
  sources: number;
  rejects: number;
}
