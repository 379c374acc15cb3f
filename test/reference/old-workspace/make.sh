#!/bin/sh
# Made workspace.zip with version 0.1.0 on two threads of the embedded backend; it stays as it is, so that later versions open what earlier ones wrote.
set -e
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
export SADDLESCOPE_BACKEND=wasm SADDLESCOPE_WORKSPACE="$folder/workspace"
saddlescope() { node "$here/../../../out/main/cli.js" "$@"; }
saddlescope datasets import "$here/points.csv" --id points
saddlescope run "$here/blocks.json" --id whole
saddlescope run "$here/blocks.json" --id stopped --set budget.steps=7
saddlescope run "$here/valley.json" --id valley
saddlescope run "$here/valley.json" --id valley-stopped --set budget.steps=5
rm -f "$folder/workspace/index.json"
sed -i 's/"host": "[^"]*"/"host": "reference"/' "$folder"/workspace/runs/*/status.json
(cd "$folder" && python3 -m zipfile -c "$here/workspace.zip" workspace/)
