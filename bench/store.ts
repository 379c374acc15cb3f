// The run store: how fast snapshots are written beside dd on the same disk, how long a list of 10,000 runs and a million metrics lines take.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hessianFiles, matrixTile, metricsService, openRunIndex, openWorkspace, realFileSystem, type Workspace } from '../src/store'
import { beginSnapshot, draftSnapshot } from '../src/store/snapshots'
import { emptyFigures } from '../src/shared/run/figures'
import { median } from './measure'
import type { Bench, Row } from './bench'

interface Figure {
  readonly what: string
  readonly seconds: number
  readonly megabytesPerSecond: number | null
  readonly note: string
}

const now = () => Number(process.hrtime.bigint()) / 1e9
const noChecks = { symmetry: null, trace: null, frobenius: null, residual: null, finiteDifference: null }

/** dd with the same number of bytes, contents from memory, synced at its end: what the disk can do. */
function ddSeconds(folder: string, bytes: number): number | null {
  const path = join(folder, 'dd.bin')
  const start = now()
  const result = spawnSync('dd', ['if=/dev/zero', `of=${path}`, 'bs=4M', `count=${Math.round(bytes / 4194304)}`, 'conv=fsync'], {
    encoding: 'utf8'
  })
  const seconds = now() - start
  rmSync(path, { force: true })
  return result.status === 0 ? seconds : null
}

async function snapshotFigures(workspace: Workspace, n: number, repeats: number): Promise<Figure[]> {
  const { fileSystem } = workspace
  const hessian = new Float64Array(n * n)
  for (let k = 0; k < hessian.length; k++) hessian[k] = ((k * 2654435761) % 1000003) / 1000003 - 0.5
  const bytes = hessian.byteLength
  const parent = join(workspace.folder, 'runs', 'bench', 'snapshots')
  mkdirSync(parent, { recursive: true })
  const stalls: number[] = []
  const totals: number[] = []
  const dds: number[] = []
  const copies: number[] = []
  for (let k = 0; k < repeats; k++) {
    const dd = ddSeconds(workspace.folder, bytes)
    if (dd !== null) dds.push(dd)
    const copyStart = now()
    const copy = hessian.slice()
    copies.push(now() - copyStart)
    if (copy[1] !== hessian[1]) throw new Error('the copy differs')
    const path = join(parent, 'step-000001')
    rmSync(path, { recursive: true, force: true })
    const start = now()
    const place = { fileSystem, path, precision: 'float64' } as const
    const target = { ...place, run: 'bench', scope: 'full', offsetOf: () => 0, weights: null, parameterCount: n }
    const draft = draftSnapshot(target)
    const block = { name: 'full', size: n, units: 1, eigenvalues: null, eigenvectors: null, indices: [], checks: noChecks }
    await draft.matrix(block, [hessian])
    const begun = await beginSnapshot(target, { step: 1, parameters: new Float64Array(0), blocks: [block] }, draft)
    stalls.push(now() - start)
    await begun.finish()
    totals.push(now() - start)
  }
  const figure = (what: string, times: readonly number[], note: string): Figure => ({
    what,
    seconds: median(times),
    megabytesPerSecond: bytes / median(times) / 1e6,
    note
  })
  const tileTimes: number[] = []
  for (let k = 0; k < 9; k++) {
    const start = now()
    const files = await hessianFiles(workspace, { run: 'bench', step: 1 }, 'full')
    await matrixTile(workspace.fileSystem, files, { level: k % 3 === 2 ? 1 : 0, row: k % 4, column: (k * 3) % 4 })
    tileTimes.push(now() - start)
  }
  return [
    ...(dds.length > 0 ? [figure(`dd, ${n}² float64, synced`, dds, 'baseline, same disk')] : []),
    figure(`copy of ${n}² float64 in memory`, copies, 'what training may be held up by'),
    figure(`snapshot ${n}²: training held up`, stalls, 'until the memory may be used again'),
    figure(`snapshot ${n}²: complete`, totals, 'synced, checksum, overview, manifest, renamed'),
    { what: 'one 512 × 512 tile', seconds: median(tileTimes), megabytesPerSecond: null, note: 'by seeking, warm file' }
  ]
}

function makeRuns(workspace: Workspace, count: number): void {
  for (let k = 0; k < count; k++) {
    const folder = join(workspace.folder, 'runs', `run-${String(k).padStart(5, '0')}`)
    mkdirSync(folder)
    const sparkline = { stride: 4, points: Array.from({ length: 60 }, (_, p) => Math.exp(-p / 20) * (1 + ((k * p) % 7) / 10)) }
    const optimizer = ['sfn', 'adam', 'gd', 'momentum'][k % 4]
    const spec = {
      schemaVersion: 1,
      name: `run ${k}`,
      data: { dataset: 'mnist10' },
      optimizer: { kind: optimizer },
      budget: { steps: 200 }
    }
    const meta = {
      schemaVersion: 1,
      name: `run ${k} of a sweep`,
      tags: [`sweep-${k % 20}`],
      notes: '',
      pinned: false,
      colour: null,
      group: `group-${k % 50}`,
      lineage: null,
      hashes: { weights: null, projection: null, batches: null, dataset: null }
    }
    const status = {
      schemaVersion: 1,
      state: k % 9 === 0 ? 'failed' : 'done',
      step: 200,
      createdAt: new Date(1.75e12 + k * 60_000).toISOString(),
      startedAt: null,
      endedAt: null,
      seconds: k / 7,
      host: 'bench',
      backend: null,
      versions: {},
      startEvaluation: null,
      error: null,
      figures: { ...emptyFigures, lastLoss: 1 / (k + 1), minLoss: 1 / (k + 2), minLossStep: 199, sparkline }
    }
    writeFileSync(join(folder, 'spec.json'), JSON.stringify(spec, null, 2))
    writeFileSync(join(folder, 'meta.json'), JSON.stringify(meta, null, 2))
    writeFileSync(join(folder, 'status.json'), JSON.stringify(status, null, 2))
  }
}

async function listFigures(workspace: Workspace, count: number): Promise<Figure[]> {
  makeRuns(workspace, count)
  const timed = async <T>(work: () => Promise<T> | T): Promise<[number, T]> => {
    const start = now()
    const result = await work()
    return [now() - start, result]
  }
  const plain = (what: string, seconds: number, note: string): Figure => ({ what, seconds, megabytesPerSecond: null, note })
  const [cold, index] = await timed(() => openRunIndex(workspace))
  const [save] = await timed(() => index.save())
  // Files younger than the grain of file times are read again: wait it out, as any later start does.
  await realFileSystem.wait(2500)
  await index.refresh()
  await index.save()
  const [warm] = await timed(() => openRunIndex(workspace))
  const [again] = await timed(() => index.refresh())
  const queries: number[] = []
  for (const query of [
    {},
    { filter: 'state:done optimizer:sfn loss<0.01', sort: 'lastLoss' },
    { filter: 'sweep', sort: 'name', descending: false },
    { filter: 'tag:sweep-3 -group:group-3 "of a"', sort: 'seconds' }
  ]) {
    const [seconds] = await timed(() => index.query(query))
    queries.push(seconds)
  }
  return [
    plain(`${count} runs: cold rebuild`, cold, 'no index.json'),
    plain(`${count} runs: index.json written`, save, ''),
    plain(`${count} runs: warm start`, warm, 'index.json and file times'),
    plain(`${count} runs: refresh`, again, 'nothing changed'),
    plain(`${count} runs: filter, sort, search`, Math.max(...queries), 'slowest of four queries')
  ]
}

async function metricsFigures(workspace: Workspace, lines: number): Promise<Figure[]> {
  mkdirSync(join(workspace.folder, 'runs', 'long'), { recursive: true })
  const parts: string[] = []
  for (let k = 1; k <= lines; k++)
    parts.push(
      `{"step":${k},"epoch":${k / 1000},"seconds":${k / 100},"loss":${Math.sin(k)},"gradNorm":${k % 17},"stepNorm":0.5,"lambdaMin":-0.1,"lambdaMax":3}\n`
    )
  writeFileSync(join(workspace.folder, 'runs', 'long', 'metrics.ndjson'), parts.join(''))
  const service = metricsService(workspace)
  const start = now()
  await service.read('long', { columns: ['loss'], pixels: 1000 })
  const first = now() - start
  const times: number[] = []
  for (const columns of [['loss'], ['gradNorm', 'loss'], ['lambdaMin', 'lambdaMax', 'stepNorm']]) {
    const began = now()
    await service.read('long', { columns, pixels: 1000 })
    times.push(now() - began)
  }
  return [
    { what: `${lines} metrics lines: first read`, seconds: first, megabytesPerSecond: null, note: '' },
    {
      what: `${lines} metrics lines: any later answer`,
      seconds: Math.max(...times),
      megabytesPerSecond: null,
      note: 'one to three columns, 1000 pixels, slowest'
    }
  ]
}

export const storeBench: Bench = {
  describe: 'snapshot writing beside dd on the same disk; 10,000 runs; a million metrics lines',
  async run({ long, report, signal }) {
    const folder = mkdtempSync(join(tmpdir(), 'saddlescope-bench-'))
    const rows: Row[] = []
    const add = (figures: readonly Figure[]) => {
      for (const { what, seconds, megabytesPerSecond, note } of figures) {
        const row = { what, seconds, megabytesPerSecond, note }
        report(row)
        rows.push(row)
      }
    }
    try {
      const workspace = await openWorkspace(join(folder, 'workspace'))
      add(await snapshotFigures(workspace, long ? 7500 : 5000, long ? 5 : 3))
      signal?.throwIfAborted()
      add(await metricsFigures(workspace, 1_000_000))
      signal?.throwIfAborted()
      const many = await openWorkspace(join(folder, 'many'))
      add(await listFigures(many, 10_000))
      return rows
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
}
