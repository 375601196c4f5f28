"""Models of links fitted on a project: kept in versions, and in force only if not worse than the one before."""
