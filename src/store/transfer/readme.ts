// The texts that go with an exported run: what is what, and twenty lines to start a notebook with.
import type { RunSummary } from '../../shared/run/summary'

/** `notes`: what is missing, one sentence each. */
export function readmeText(summary: RunSummary, notes: readonly string[]): string {
  const missing = notes.length === 0 ? '' : `\n**Not whole:** ${notes.join('. ')}.\n`
  return `# ${summary.name || summary.id}

A run of Saddlescope: ${summary.optimizer}, ${summary.dataset || 'no dataset'}, ${summary.step} steps, state ${summary.state}.
Everything is plain JSON and NumPy (.npy/.npz, C order, little endian); notebook.py shows how to open it.
${missing}
| file | what it is |
|---|---|
| spec.json | what was asked: data, model, loss, optimizer, budget, seed |
| meta.json, status.json | name, tags, notes; state, times, versions, numerics |
| metrics.ndjson | one JSON object a step, in order; loss and gradNorm belong to the step's batch, before its update |
| metrics.csv | the same figures as a table |
| histograms.ndjson | where the spec asks for it: one JSON object an evaluation, weights and gradients by array in 64 bins |
| log.ndjson | what happened, in words |
| inputs/ | copies of the .npy and .npz files the spec names |
| checkpoints/step-N/ | after N steps: weights.npz (W1 is inputs x units, b1, W2, ...), optimizer.npz, state.json |
| snapshots/step-N/ | curvature after N steps: manifest.json, eigenvalues.<block>.npy (ascending), eigenvectors.<block>.npy (columns; their places in the manifest), hessian.<block>.npy, hessian.<block>.overview.npy, weights.npz |
| analyses/KIND-N/ | what was found out about the weights after N steps: manifest.json (options, figures, checks, and of each array its meaning and unit), one .npy an array |

The parameter vector, and so every Hessian and eigenvector, is ordered W1 row by row, b1, W2 row by row, b2, ...
To put the run back into a workspace: saddlescope import PATH
`
}

export function notebookText(): string {
  return `# Opens an exported run with NumPy and pandas; run it beside the exported files.
import json
from pathlib import Path
import numpy as np
import pandas as pd

spec = json.loads(Path("spec.json").read_text())
print(spec["name"], spec["optimizer"])

metrics = pd.read_csv("metrics.csv")
print(metrics[["step", "loss", "gradNorm"]].tail())
# metrics.plot(x="step", y="loss", logy=True)

for folder in sorted(Path("snapshots").glob("step-*")):
    manifest = json.loads((folder / "manifest.json").read_text())
    for block in manifest["blocks"]:
        if block["eigenvalues"]:
            values = np.load(folder / block["eigenvalues"], mmap_mode="r")
            print(folder.name, block["name"], "lambda_min", values.min(), "lambda_max", values.max())

# Every analysis: its figures, its checks, and its arrays by name with meaning and unit.
analyses = {}
for folder in sorted(Path("analyses").glob("*-[0-9]*")):
    manifest = json.loads((folder / "manifest.json").read_text())
    analyses[folder.name] = {name: np.load(folder / array["file"], mmap_mode="r") for name, array in manifest["arrays"].items()}
    failed = [name for name, check in manifest["checks"].items() if not check["ok"]]
    print(folder.name, manifest["options"], manifest["figures"], "failed checks:", failed or "none")
    for name, array in manifest["arrays"].items():
        print("  ", name, analyses[folder.name][name].shape, array["meaning"], "[" + array["unit"] + "]" if array["unit"] else "")
# analyses["landau-50"]["coefficients"] is then a NumPy array

weights = np.load(sorted(Path("checkpoints").glob("step-*"))[-1] / "weights.npz")
print({name: weights[name].shape for name in weights.files})
`
}
