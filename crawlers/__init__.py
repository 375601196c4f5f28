"""Sources and the crawl stage: listing, comparing, and bringing contents into staging."""
