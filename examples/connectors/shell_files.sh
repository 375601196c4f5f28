#!/bin/sh
# Connect the files of a folder. A script needs no JSON library as long as it only writes:
#   command: [./connectors/shell_files.sh, ./exports]
# The verb and the key follow the folder. Nothing here is secret, so standard input is not read.
cd "$1" || exit 75
case "$2" in
check)
    echo "$(ls | wc -l) entries in $1"
    ;;
list)
    set -e
    for file in *; do
        [ -f "$file" ] || continue
        key=$(printf '%s' "$file" | sed 's/["\\]/\\&/g')
        printf '{"key": "%s", "kind": "file", "fingerprint": "%s"}\n' "$key" "$(cksum < "$file")"
    done
    echo '{"complete": true}'
    ;;
fetch)
    cat "./$3"
    ;;
esac
