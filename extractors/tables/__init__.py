"""Files whose content is a table."""
