// A run's figures, worked out again from its files: by the words of docs/files.md, not by the product's code.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

export interface Line {
  readonly step: number
  readonly loss: number
  readonly testLoss?: number
  readonly testAccuracy?: number
  readonly seconds: number
  readonly lambdaMin?: number | Record<string, number>
  readonly lambdaMax?: number | Record<string, number>
  readonly index?: number | Record<string, number>
}
export interface Spec {
  readonly name: string
  readonly loss: string
  readonly data: { readonly dataset: string }
  readonly batch: { readonly size: number | null }
  readonly budget: { readonly steps: number }
  readonly optimizer: { readonly kind: string; readonly scope?: string }
}
interface Status {
  readonly state: string
  readonly step: number
  readonly seconds: number
  readonly wallSeconds: number
  readonly parameterCount: number
  readonly trainingSamples: number
  /** Of the start weights: what there is until a step is evaluated. */
  readonly startEvaluation: { readonly testLoss: number; readonly testAccuracy: number } | null
}

/** A NumPy file of version 1.0 in C order, little endian, of doubles or floats. */
export function readNpy(path: string): { shape: number[]; values: Float64Array } {
  const bytes = readFileSync(path)
  const header = bytes.toString('latin1', 10, 10 + bytes.readUInt16LE(8))
  const shape = (/'shape': \(([^)]*)\)/.exec(header)?.[1] ?? '')
    .split(',')
    .filter((part) => part.trim() !== '')
    .map(Number)
  const type = /'descr': '(<f[48])'/.exec(header)?.[1]
  if (type === undefined || !header.includes("'fortran_order': False")) throw new Error(`${path}: ${header}`)
  const data = bytes.subarray(10 + bytes.readUInt16LE(8))
  const width = Number(type[2])
  const count = shape.reduce((product, length) => product * length, 1)
  return {
    shape,
    values: Float64Array.from({ length: count }, (_, i) => (width === 8 ? data.readDoubleLE(8 * i) : data.readFloatLE(4 * i)))
  }
}

export function filesBelow(folder: string): Map<string, number> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return new Map(
    entries.map((entry) => {
      const path = join(entry.parentPath, entry.name)
      return [path.slice(folder.length + 1), statSync(path).size]
    })
  )
}

export function runOnDisk(workspace: string, id: string) {
  const folder = join(workspace, 'runs', id)
  const json = <Content>(name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Content
  const lines = () =>
    readFileSync(join(folder, 'metrics.ndjson'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Line)
  const snapshotFolder = (step: number) => join(folder, 'snapshots', `step-${String(step).padStart(6, '0')}`)
  const eigenvalues = (step: number, block: string) => readNpy(join(snapshotFolder(step), `eigenvalues.${block}.npy`)).values
  return {
    id,
    folder,
    json,
    lines,
    snapshotFolder,
    eigenvalues,
    spec: () => json<Spec>('spec.json'),
    status: () => json<Status>('status.json')
  }
}
export type RunOnDisk = ReturnType<typeof runOnDisk>

export const lowest = <Item>(items: readonly Item[], of: (item: Item) => number) =>
  items.reduce((best, item) => (of(item) < of(best) ? item : best))

/** Below −P·ε·max|λ|: negative beyond rounding. */
export function negativeCount(values: Float64Array): number {
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  return values.filter((value) => value < -values.length * 2 ** -52 * largest).length
}

/** What a screen says of a run in numbers. Losses per sample; of blocks the smallest λ min, the largest λ max and index. */
export function figuresOf(run: RunOnDisk) {
  const [lines, spec, status] = [run.lines(), run.spec(), run.status()]
  const last = lines[lines.length - 1]
  const samplesOf = ({ step }: Line) => {
    const [N, B] = [status.trainingSamples, spec.batch.size ?? status.trainingSamples]
    const batches = Math.ceil(N / B)
    return step % batches === 0 ? N - (batches - 1) * B : B
  }
  const perSample = (line: Line) => (spec.loss === 'half-sse' ? line.loss / samplesOf(line) : line.loss)
  const evaluations = lines.filter((line) => line.testLoss !== undefined)
  const best = evaluations.length === 0 ? null : lowest(evaluations, (line) => -(line.testAccuracy ?? 0))
  const least = lowest(lines, perSample)
  const leastTest = evaluations.length === 0 ? null : lowest(evaluations, (line) => line.testLoss ?? Infinity)
  const blocks = (value: number | Record<string, number> | undefined) => (typeof value === 'object' ? Object.values(value) : [value ?? NaN])
  const own = lines.filter((line) => line.lambdaMin !== undefined).at(-1)
  const snapshots = readdirSync(join(run.folder, 'snapshots')).map((name) => Number(name.slice('step-'.length)))
  const newest = Math.max(...snapshots)
  // The steps' own figures, or those of a snapshot that is newer than they are.
  const bySnapshot = own === undefined || newest > own.step
  const spectra = bySnapshot
    ? readdirSync(run.snapshotFolder(newest))
        .filter((name) => name.startsWith('eigenvalues.'))
        .map((name) => readNpy(join(run.snapshotFolder(newest), name)).values)
    : []
  return {
    step: status.step,
    steps: spec.budget.steps,
    loss: perSample(last),
    minLoss: perSample(least),
    minLossStep: least.step,
    testLoss: evaluations.at(-1)?.testLoss ?? status.startEvaluation?.testLoss ?? NaN,
    leastTestLoss: leastTest?.testLoss ?? NaN,
    leastTestLossStep: leastTest?.step ?? NaN,
    accuracy: evaluations.at(-1)?.testAccuracy ?? status.startEvaluation?.testAccuracy ?? NaN,
    /** The best test accuracy and its step; empty before the first evaluation after a step. */
    best: best === null ? [] : [best.testAccuracy ?? NaN, best.step],
    lambdaMin: bySnapshot ? Math.min(...spectra.map((values) => values[0])) : Math.min(...blocks(own?.lambdaMin)),
    lambdaMax: bySnapshot ? Math.max(...spectra.map((values) => values[values.length - 1])) : Math.max(...blocks(own?.lambdaMax)),
    index: bySnapshot ? Math.max(...spectra.map((values) => negativeCount(values) / values.length)) : Math.max(...blocks(own?.index)),
    /** The step that is said beside the eigenvalues, where they are not the newest step's own. */
    curvatureAt: bySnapshot ? [newest] : own.step < status.step ? [own.step] : [],
    parameters: status.parameterCount,
    seconds: status.seconds,
    wallSeconds: status.wallSeconds,
    bytes: [...filesBelow(run.folder).values()].reduce((sum, size) => sum + size, 0)
  }
}
