#!/usr/bin/env bash
# Builds the web pages into api/web, from where the server and the wheel take them.
set -euo pipefail
cd "$(dirname "$0")/../web"

if ! command -v npm >/dev/null; then
    echo "npm is missing, so the web pages are not built; the server still answers GraphQL, SPARQL and REST" >&2
    exit 0
fi
npm ci --no-audit --no-fund --loglevel=error
npm run --silent build
