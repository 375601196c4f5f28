"""Claims of texts between records: proposed as types of links, and facts once they are let in."""

from linker.claims.linked import link_claims
from linker.claims.proposing import propose_claims

__all__ = ["link_claims", "propose_claims"]
