"""What tests of Bifrost and of its plug-ins share: contract suites and builders of staged content."""
