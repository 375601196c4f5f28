"""Graph learning: a message-passing model that proposes missing links of a type, and says why."""
