"""Where dgl is at home: graph storage, neighbour sampling, and the sums of messages along links."""

import os
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from linker.learning.graph import Integers

# Without this, dgl chooses by itself and writes its choice into the user's home folder.
os.environ.setdefault("DGLBACKEND", "pytorch")

import dgl
import dgl.function as messages

FORWARD, INVERSE = "forward", "inverse"
NODE = "entity"


class MessageGraph:
    """Links in both directions; the inverse of relation r has the number r + `relations`."""

    def __init__(self, triples: Integers, *, entities: int, relations: int) -> None:
        heads, kinds, tails = (torch.from_numpy(np.ascontiguousarray(triples[:, column])) for column in range(3))
        self.graph = dgl.heterograph(
            {(NODE, FORWARD, NODE): (heads, tails), (NODE, INVERSE, NODE): (tails, heads)},
            num_nodes_dict={NODE: entities},
        )
        self.graph.edges[FORWARD].data["relation"] = kinds
        self.graph.edges[INVERSE].data["relation"] = kinds + relations
        self.links = len(heads)

    def whole(self, depth: int) -> list[Any]:
        """Give the full graph once per layer."""
        return [self.graph] * depth

    def without(self, links: torch.Tensor) -> torch.Tensor:
        """Give a weight per link that silences the given ones, shape (links, 1)."""
        weight = torch.ones(self.links, 1)
        weight[links] = 0.0
        return weight

    def sampled(self, seeds: torch.Tensor, hidden: torch.Tensor, fanouts: Sequence[int]) -> list[Any]:
        """Sample the neighbourhood of `seeds`, outermost layer first, without the `hidden` links."""
        sampler = dgl.dataloading.NeighborSampler(list(fanouts))
        # dgl ignores an exclusion under a plain edge type's name without a word: only the full triple counts.
        exclude = {(NODE, direction, NODE): hidden for direction in (FORWARD, INVERSE)}
        _, _, blocks = sampler.sample_blocks(self.graph, {NODE: seeds}, exclude_eids=exclude)
        return list(blocks)


def sources(block: Any) -> torch.Tensor:
    """Give the entity numbers that a sampled block reads."""
    return block.srcdata[dgl.NID]


def aggregate(
    block: Any, direction: str, states: torch.Tensor, relations: torch.Tensor, weight: torch.Tensor | None
) -> tuple[torch.Tensor, torch.Tensor]:
    """Sum, for every receiver, sender state times relation state over its links of one direction.

    `states` has shape (senders, width), `relations` (relations, width). Returns the sums (receivers, width) and the
    summed link weights (receivers, 1).
    """
    part = block[direction]
    kinds = part.edata["relation"]
    keep = torch.ones(len(kinds), 1) if weight is None else weight
    with part.local_scope():
        part.srcdata["state"] = states
        part.edata["relation_state"] = relations[kinds] * keep
        part.edata["keep"] = keep
        part.update_all(messages.u_mul_e("state", "relation_state", "message"), messages.sum("message", "sum"))
        part.update_all(messages.copy_e("keep", "message"), messages.sum("message", "count"))
        return part.dstdata["sum"], part.dstdata["count"]


def receivers(block: Any) -> int:
    """Count the entities that a block gives new states to; they are its first senders."""
    return int(block.num_dst_nodes(NODE))


def use_threads(number: int) -> None:
    """Set dgl's own thread count: one thread gives identical samples."""
    dgl.utils.set_num_threads(number)


def seed_sampling(seed: int) -> None:
    """Seed dgl's sampler."""
    dgl.seed(seed)
