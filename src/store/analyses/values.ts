// Arrays of stored analyses, and what is made of them afterwards.
import { join } from 'node:path'
import type { AnalysisEntry } from '../../shared/api/answers'
import { joinedBytes } from '../../shared/format/joined-bytes'
import { npzParts } from '../../shared/npy'
import { isFunctionSpec, type RunSpec } from '../../shared/spec/schema'
import { openNpy, StorageError, translating } from '../files'
import { analysesFolder, readSpec, runFolder, runsFolder, toWeightArrays, withCopiedInputs } from '../run-folder'
import { isId, type Workspace } from '../workspace'
import { listAnalyses, readAnalysis } from './read'

/** Of every run that has some, newest first; those that cannot be read are left out. */
export async function allAnalyses(workspace: Workspace): Promise<AnalysisEntry[]> {
  const found: AnalysisEntry[] = []
  for (const run of (await workspace.fileSystem.list(runsFolder(workspace))).filter(isId)) {
    if (!(await workspace.fileSystem.info(analysesFolder(runFolder(workspace, run))).catch(() => null))) continue
    const own = await listAnalyses(workspace, run).catch(() => [])
    found.push(...own.map((one) => ({ run, ...one })))
  }
  return found.sort((a, b) => b.manifest.createdAt.localeCompare(a.manifest.createdAt) || a.run.localeCompare(b.run))
}

/** Numbers of one answer; what is larger is read from its file. */
const mostNumbers = 4_000_000

export interface AnalysisArray {
  readonly shape: readonly number[]
  readonly data: Float64Array
}

/** A whole array in double precision. Throws StorageError (`not-found` naming those there are, `too-large` with its size). */
export async function readAnalysisArray(workspace: Workspace, run: string, name: string, array: string): Promise<AnalysisArray> {
  const { arrays } = await readAnalysis(workspace, run, name)
  if (!Object.hasOwn(arrays, array))
    throw new StorageError(
      'not-found',
      `${name} of run "${run}" has no array "${array}"; it has ${Object.keys(arrays).join(', ') || 'none'}`
    )
  const path = join(analysesFolder(runFolder(workspace, run)), name, arrays[array].file)
  const file = await translating(`read ${path}`, () => openNpy(workspace.fileSystem, path))
  try {
    const { shape, count } = file.header
    if (count > mostNumbers)
      throw new StorageError(
        'too-large',
        `${array} has ${shape.join(' × ')}${shape.length > 1 ? ` = ${count}` : ''} numbers, more than the ${mostNumbers} that are shown at once: read ${arrays[array].file} itself`
      )
    return { shape, data: await file.read(0, count) }
  } finally {
    await file.close()
  }
}

/** The spec of a run that starts at center + u·axes₀ + v·axes₁ of a landscape; `weights` are what its `init` has to name, null where the spec says the point itself. */
export interface PlanePoint {
  readonly spec: RunSpec
  readonly weights: { readonly fileName: string; readonly bytes: Uint8Array } | null
}

/** Throws StorageError (`not-found`, `bad-input` for an analysis that is no plane through weight space). */
export async function planePoint(workspace: Workspace, run: string, name: string, u: number, v: number): Promise<PlanePoint> {
  const { arrays } = await readAnalysis(workspace, run, name)
  if (!arrays.center || !arrays.axes)
    throw new StorageError('bad-input', `${name} of run "${run}" is no plane through weight space: it has no center and axes`)
  const center = (await readAnalysisArray(workspace, run, name, 'center')).data
  const axes = await readAnalysisArray(workspace, run, name, 'axes')
  const count = center.length
  if (axes.shape.length !== 2 || axes.shape[0] !== 2 || axes.shape[1] !== count)
    throw new StorageError('damaged', `${name} of run "${run}": axes are ${axes.shape.join(' × ')}, and center has ${count} weights`)
  const point = center.map((one, i) => one + u * axes.data[i] + v * axes.data[count + i])
  const stored = withCopiedInputs(runFolder(workspace, run), await readSpec(workspace, run))
  const called = `${stored.name || run} from (${Number(u.toPrecision(4))}, ${Number(v.toPrecision(4))}) of ${name}`.slice(0, 200)
  if (isFunctionSpec(stored)) {
    const spec = { ...stored, name: called, problem: { ...stored.problem, start: [...point] } }
    return { spec, weights: null }
  }
  const bytes = joinedBytes(npzParts(toWeightArrays(stored, point)))
  return { spec: { ...stored, name: called }, weights: { fileName: `${run}-${name}.npz`, bytes } }
}
