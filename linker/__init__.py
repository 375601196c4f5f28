"""The linker: from records and documents to proposals, and from decisions to entities and links."""
