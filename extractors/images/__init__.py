"""Pictures: photographs, scans, codes."""
