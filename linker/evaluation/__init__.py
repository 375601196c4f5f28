"""How well records, references and their pairs are found, on data whose truth is known."""
