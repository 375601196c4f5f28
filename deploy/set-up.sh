#!/usr/bin/env bash
# Makes the environment: Python packages at the locked versions, system packages, web pages.
# Uses uv where it is there, pip otherwise; both take the package sources that pip is configured with.
set -euo pipefail
cd "$(dirname "$0")/.."

python=$(command -v python3.11 || command -v python3 || true)
version=$("${python:-false}" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null || true)
if [ "$version" != 3.11 ]; then
    echo "Bifrost needs Python 3.11 (found: ${version:-none}); install the packages python3.11 and python3.11-venv" >&2
    exit 1
fi

deploy/system-packages.sh tesseract-ocr

configured() {
    "$python" -m pip config get "global.$1" 2>/dev/null || true
}

echo "installing Python packages (some minutes the first time)"
if command -v uv >/dev/null; then
    export UV_FIND_LINKS="${UV_FIND_LINKS:-${PIP_FIND_LINKS:-$(configured find-links)}}"
    [ -d .venv ] || uv venv --quiet --python "$python" .venv
    VIRTUAL_ENV=.venv uv pip install --quiet --compile-bytecode -c constraints.txt -e '.[airflow,azure,gcs,mssql,oracle,spark,dev]'
else
    .venv/bin/python -m pip --version >/dev/null 2>&1 || "$python" -m venv .venv
    .venv/bin/python -m pip install -qq --disable-pip-version-check -c constraints.txt -e '.[airflow,azure,gcs,mssql,oracle,spark,dev]'
fi

deploy/web-pages.sh

mkdir -p .setup
touch .setup/ready
