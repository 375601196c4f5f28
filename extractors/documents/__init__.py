"""Files that hold text for people: PDF, office files, plain text."""
