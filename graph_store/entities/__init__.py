"""The published graph as people look at it: one entity, its surroundings, classes and lists."""

from graph_store.entities.entity import entity
from graph_store.entities.listing import entities, types
from graph_store.entities.surroundings import neighbourhood

__all__ = ["entities", "entity", "neighbourhood", "types"]
