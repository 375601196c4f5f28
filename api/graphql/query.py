"""The root of GraphQL queries: the graph, the review, predictions and the work."""

import strawberry

from api.graphql import graph_queries, prediction_queries, review_queries, work_queries
from api.graphql.asking import field


@strawberry.type
class Query:
    """Everything that can be asked."""

    entity = field(graph_queries.entity)
    entities = field(graph_queries.entities)
    search = field(graph_queries.search)
    types = field(graph_queries.types)
    neighbourhood = field(graph_queries.neighbourhood)

    link_types = field(review_queries.link_types)
    proposals = field(review_queries.proposals)
    proposal = field(review_queries.proposal)
    decisions = field(review_queries.decisions)
    next_question = field(review_queries.next_question)
    effort = field(review_queries.effort)

    predicted_links = field(prediction_queries.predicted_links)
    link_models = field(prediction_queries.link_models)

    sources = field(work_queries.sources)
    rejects = field(work_queries.rejects)
    runs = field(work_queries.runs)
    summary = field(work_queries.summary)
