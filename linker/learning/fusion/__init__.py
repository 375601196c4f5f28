"""Rules, vectors, the graph network and texts joined: one probability for every possible link."""
