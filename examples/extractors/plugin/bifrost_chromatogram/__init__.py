"""An extractor for the peak lists of chromatographs."""
