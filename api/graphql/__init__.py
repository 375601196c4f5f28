"""GraphQL over the project: the same schema for the server and for the command line."""
