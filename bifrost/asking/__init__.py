"""What answers teach about the next questions: how far to trust what is stated, what to ask, when trust is lost."""
