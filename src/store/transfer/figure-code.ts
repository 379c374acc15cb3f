// The Python that draws exported runs with matplotlib, as a notebook and as a script: loss, spectrum and waterfall from an .npz a run beside it.
import type { RunSummary } from '../../shared/run/summary'

type Named = Pick<RunSummary, 'id' | 'name' | 'optimizer' | 'dataset' | 'step' | 'state'>

/** A Python literal of the text. */
const literal = (text: string) => JSON.stringify(text)

const loading = (runs: readonly Named[], folder: string) => `from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

folder = ${folder}
names = {
${runs.map(({ id, name }) => `    ${literal(id)}: ${literal(name || id)},`).join('\n')}
}
runs = {run: np.load(folder / f"{run}.npz") for run in names}


def label(run):
    """The run's name; neither formula nor hidden, whatever is in it."""
    name = names[run].replace("$", r"\\$")
    return f" {name}" if name.startswith("_") else name


def spectra(run):
    """(step, block) -> eigenvalues, ascending within each unit, in the order of steps."""
    found = {}
    for key in sorted(runs[run].files):
        if key.startswith("eigenvalues.step-"):
            _, step, block = key.split(".", 2)
            found[int(step[5:]), block] = runs[run][key]
    return dict(sorted(found.items()))


def empty(axes, text):
    axes.text(0.5, 0.5, text, ha="center", va="center", transform=axes.transAxes)
    axes.set_axis_off()`

/** Per sample where every run has it: sums over batches of other sizes do not compare. */
const loss = `def loss_figure():
    per_sample = all("lossPerSample" in data for data in runs.values())
    column = "lossPerSample" if per_sample else "loss"
    figure, axes = plt.subplots(figsize=(6.4, 4), layout="constrained")
    values = []
    for run, data in runs.items():
        if column not in data:
            continue
        # Steps without the figure (or where it was not finite) are passed over.
        known = np.isfinite(data[column])
        (line,) = axes.plot(data["step"][known], data[column][known], label=label(run))
        values.append(data[column])
        if "testLoss" in data:
            known = np.isfinite(data["testLoss"])
            values.append(data["testLoss"][known])
            axes.plot(
                data["step"][known], data["testLoss"][known], "--", color=line.get_color(), label=f"{label(run)}, test (per sample)"
            )
    values = np.concatenate(values) if values else np.zeros(0)
    values = values[np.isfinite(values)]
    if values.size == 0:
        empty(axes, "no losses")
        return figure
    if values.min() > 0:
        axes.set_yscale("log")
    axes.set_xlabel("step")
    axes.set_ylabel("loss of the step's batch, before its update" + (", per sample" if per_sample else ""))
    axes.legend()
    return figure`

const spectrum = `def spectrum_figure():
    figure, axes = plt.subplots(figsize=(6.4, 4), layout="constrained")
    smallest = []
    for run in runs:
        found = spectra(run)
        last = max((step for step, _ in found), default=None)
        for (step, block), values in found.items():
            if step != last:
                continue
            ordered = np.sort(values, axis=None)
            axes.plot(np.arange(1, ordered.size + 1), ordered, ".", markersize=3, label=f"{label(run)}, {block}, after step {step}")
            smallest.append(np.abs(ordered).max())
    if not smallest:
        empty(axes, "no snapshot with eigenvalues")
        return figure
    axes.set_yscale("symlog", linthresh=(max(smallest) or 1) * 1e-6)
    axes.axhline(0, color="0.6", linewidth=0.8)
    axes.set_xlabel("rank, ascending")
    axes.set_ylabel("eigenvalue of the Hessian (symlog)")
    axes.legend()
    return figure`

const waterfall = `def waterfall_figure(run):
    """One curve a snapshot, later ones above: how many eigenvalues lie where, all blocks of a snapshot together."""
    figure, axes = plt.subplots(figsize=(6.4, 5), layout="constrained")
    found = spectra(run)
    by_step = {}
    for (step, _), values in found.items():
        by_step.setdefault(step, []).append(np.ravel(values))
    if not by_step:
        empty(axes, f"{label(run)} has no snapshot with eigenvalues")
        return figure
    by_step = {step: np.concatenate(parts) for step, parts in by_step.items()}
    largest = max(np.abs(values).max() for values in by_step.values()) or 1
    threshold = largest * 1e-4
    place = lambda values: np.arcsinh(values / threshold)
    ends = place(np.array([min(v.min() for v in by_step.values()), max(v.max() for v in by_step.values())]))
    edges = np.linspace(ends[0] - 0.2, ends[1] + 0.2, 121)
    middles = (edges[1:] + edges[:-1]) / 2
    counts = {step: np.log10(1 + np.histogram(place(values), edges)[0]) for step, values in by_step.items()}
    lift = max(count.max() for count in counts.values()) / 3
    colours = plt.get_cmap("viridis")(np.linspace(0, 0.85, len(counts)))
    for k, (step, count) in reversed(list(enumerate(counts.items()))):
        axes.fill_between(middles, k * lift, k * lift + count, color="white", zorder=2 * (len(counts) - k))
        axes.plot(middles, k * lift + count, color=colours[k], linewidth=1, zorder=2 * (len(counts) - k) + 1)
    shown = range(0, len(counts), max(1, len(counts) // 12))
    axes.set_yticks([k * lift for k in shown], [list(counts)[k] for k in shown])
    decades = np.arange(np.ceil(np.log10(threshold)), np.floor(np.log10(largest)) + 1)
    ticks = np.concatenate([-(10.0 ** decades[::-1]), [0], 10.0**decades])
    ticks = ticks[(place(ticks) >= edges[0]) & (place(ticks) <= edges[-1])]
    axes.set_xticks(place(ticks), [f"{tick:.0e}" if tick else "0" for tick in ticks], rotation=45)
    axes.set_xlim(edges[0], edges[-1])
    axes.set_xlabel(f"eigenvalue of the Hessian (arcsinh, linear within ±{threshold:.1g})")
    axes.set_ylabel("snapshot after step; height: log10(1 + number)")
    axes.set_title(label(run))
    return figure`

export interface FigureTexts {
  readonly runs: readonly Named[]
  /** What is missing, one sentence each. */
  readonly notes: readonly string[]
}

/** A line of the table: neither cells nor markup of its own. */
const cell = (text: string) => text.replace(/[\\|`*_<>[\]#$]/g, (sign) => `\\${sign}`).replace(/\s+/g, ' ')

function introduction({ runs, notes }: FigureTexts): string {
  const rows = runs.map(
    ({ id, name, optimizer, dataset, step, state }) =>
      `| ${cell(name || id)} | ${id}.npz | ${cell(optimizer)} | ${cell(dataset || 'none')} | ${step} | ${state} |`
  )
  const missing = notes.length === 0 ? [] : ['', `**Not whole:** ${notes.map(cell).join('. ')}.`]
  return [
    '# Runs of Saddlescope',
    '',
    '| run | file | optimizer | data set | steps | state |',
    '|---|---|---|---|---|---|',
    ...rows,
    ...missing,
    '',
    "Each `.npz` holds `step`, a column a figure of the run's metrics (float64, NaN where a step has none), and `eigenvalues.step-NNNNNN.BLOCK`, ascending."
  ].join('\n')
}

export const figuresScript = ({
  runs,
  notes
}: FigureTexts) => `"""Draws the runs beside it: python figures.py writes loss, spectrum and waterfall as PDF and SVG; --show opens them.
${notes.map((note) => `Not whole: ${note.replace(/[\\"]/g, "'")}.\n`).join('')}"""
import sys
${loading(runs, 'Path(__file__).resolve().parent')}


${loss}


${spectrum}


${waterfall}


figures = {"loss": loss_figure(), "spectrum": spectrum_figure(), **{f"waterfall-{run}": waterfall_figure(run) for run in runs}}
for name, figure in figures.items():
    for ending in ("pdf", "svg"):
        figure.savefig(folder / f"{name}.{ending}")
if "--show" in sys.argv[1:]:
    plt.show()
`

/** nbformat 4.5. */
export function figuresNotebook(texts: FigureTexts): string {
  const cells = [
    ['markdown', introduction(texts)],
    ['code', loading(texts.runs, 'Path(".")')],
    ['code', `${loss}\n\n\nloss_figure();`],
    ['code', `${spectrum}\n\n\nspectrum_figure();`],
    ['code', `${waterfall}\n\n\nfor run in runs:\n    waterfall_figure(run)`]
  ] as const
  const notebook = {
    cells: cells.map(([kind, text], k) => ({
      cell_type: kind,
      id: `cell-${k + 1}`,
      metadata: {},
      ...(kind === 'code' ? { execution_count: null, outputs: [] } : {}),
      source: text.split(/(?<=\n)/)
    })),
    metadata: {
      kernelspec: { display_name: 'Python 3', language: 'python', name: 'python3' },
      language_info: { name: 'python' }
    },
    nbformat: 4,
    nbformat_minor: 5
  }
  return `${JSON.stringify(notebook, null, 1)}\n`
}
