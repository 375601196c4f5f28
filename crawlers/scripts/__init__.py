"""Sources that a script of one's own connects: any executable that speaks the protocol of docs/write-a-connector.md."""
