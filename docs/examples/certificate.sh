#!/usr/bin/env bash
# Prints a certificate as a bundle, from the files that an authority or its client made. Again with newer files: the new certificate serves when the apply returns.
#   docs/examples/certificate.sh shop fullchain.pem privkey.pem | ./sluice apply -f -
set -euo pipefail
name=$1 chain=$2 key=$3
secret() { printf 'kind: Secret\nname: %s\nvalue: |\n' "$1"; sed 's/^/  /' "$2"; printf '\n---\n'; }
secret "$name-chain" "$chain"
secret "$name-key" "$key"
printf 'kind: Certificate\nname: %s\nchain: { secret: %s-chain }\nkey: { secret: %s-key }\n' "$name" "$name" "$name"
