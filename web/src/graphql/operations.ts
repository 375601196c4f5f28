/** Every question that the pages ask, with the shape of its answer. The texts are checked against the server's schema in tests/web. */

import decisionShown from "./fragments/decision.graphql?raw";
import proposalShown from "./fragments/proposal.graphql?raw";
import applyText from "./operations/apply.graphql?raw";
import correctText from "./operations/correct.graphql?raw";
import decideText from "./operations/decide.graphql?raw";
import decisionsText from "./operations/decisions.graphql?raw";
import deleteLinkTypeText from "./operations/delete-link-type.graphql?raw";
import entitiesText from "./operations/entities.graphql?raw";
import entityText from "./operations/entity.graphql?raw";
import homeText from "./operations/home.graphql?raw";
import linkTypesText from "./operations/link-types.graphql?raw";
import neighbourhoodText from "./operations/neighbourhood.graphql?raw";
import questionsText from "./operations/questions.graphql?raw";
import rejectsText from "./operations/rejects.graphql?raw";
import renameLinkTypeText from "./operations/rename-link-type.graphql?raw";
import restoreLinkTypeText from "./operations/restore-link-type.graphql?raw";
import searchText from "./operations/search.graphql?raw";
import sourcesText from "./operations/sources.graphql?raw";
import summaryText from "./operations/summary.graphql?raw";
import teachText from "./operations/teach.graphql?raw";
import undoText from "./operations/undo.graphql?raw";
import type * as graph from "./types";

/** A GraphQL text that knows its answer and its variables; the two type parameters exist for the compiler only. */
export interface Operation<Answer, Variables> {
  readonly text: string;
  readonly shape?: (variables: Variables) => Answer;
}

type Nothing = Record<string, never>;

export const SEARCH: Operation<{ search: graph.SearchHit[] }, { text: string }> = { text: searchText };

export const HOME: Operation<{ summary: graph.Summary; types: graph.TypeCount[] }, Nothing> = { text: homeText };

export const SUMMARY: Operation<{ summary: graph.Summary }, Nothing> = { text: summaryText };

export const ENTITIES: Operation<{ entities: graph.EntityPage }, { type: string; after: string | null }> = {
  text: entitiesText,
};

export const ENTITY: Operation<{ entity: graph.Entity | null }, { iri: string }> = { text: entityText };

export const NEIGHBOURHOOD: Operation<{ neighbourhood: graph.Neighbourhood }, { iri: string; depth: number }> = {
  text: neighbourhoodText,
};

export const QUESTIONS: Operation<{ proposals: graph.Proposal[] }, { kind: graph.ProposalKind | null }> = {
  text: questionsText + proposalShown,
};

export const LINK_TYPES: Operation<{ linkTypes: graph.LinkType[] }, Nothing> = { text: linkTypesText };

export const DECISIONS: Operation<{ decisions: graph.Decision[] }, Nothing> = {
  text: decisionsText + decisionShown,
};

export const DECIDE: Operation<
  { decide: graph.Decision },
  { id: string; verdict: graph.Verdict; name: string | null }
> = { text: decideText + decisionShown };

export const CORRECT: Operation<{ correct: graph.Decision }, { id: string; correction: graph.Correction }> = {
  text: correctText + decisionShown,
};

export const TEACH: Operation<{ teach: graph.Proposal[] }, { name: string; pairs: string[][] }> = {
  text: teachText + proposalShown,
};

export const RENAME_LINK_TYPE: Operation<{ renameLinkType: number }, { name: string; to: string }> = {
  text: renameLinkTypeText,
};

export const DELETE_LINK_TYPE: Operation<{ deleteLinkType: number }, { name: string }> = { text: deleteLinkTypeText };

export const RESTORE_LINK_TYPE: Operation<{ restoreLinkType: number }, { name: string }> = {
  text: restoreLinkTypeText,
};

export const UNDO: Operation<{ undo: graph.Decision }, { id: string }> = { text: undoText + decisionShown };

export const APPLY: Operation<{ apply: graph.StageReport[] }, Nothing> = { text: applyText };

export const SOURCES: Operation<{ sources: graph.Source[]; runs: graph.Run[] }, Nothing> = { text: sourcesText };

export const REJECTS: Operation<{ rejects: graph.Reject[] }, { source: string }> = { text: rejectsText };
