"""Files: in folders, object stores, behind HTTP, in mail boxes."""
