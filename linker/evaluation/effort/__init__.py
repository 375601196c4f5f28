"""How many answers it takes until the links are there: a simulated reviewer on data whose truth is known."""
