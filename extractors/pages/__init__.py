"""Pages as words on a plane: recognition, layout, tables and forms."""
