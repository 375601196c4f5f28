"""Files of types that only their owner knows: read by a script that speaks lines of JSON."""
