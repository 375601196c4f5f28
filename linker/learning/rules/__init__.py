"""Rules read off the graph: paths and constants that predict a link, with their confidence."""
