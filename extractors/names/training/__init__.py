"""Training of the models that packs ship; nothing here is imported while files are read."""
