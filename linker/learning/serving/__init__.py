"""The model in force, asked one question at a time."""
