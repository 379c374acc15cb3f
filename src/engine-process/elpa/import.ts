// What ELPA found, as the spectrum of the run, step and block whose matrix was exported: after every check, with its provenance.
import { join } from 'node:path'
import { residualError } from '../../engine/curvature/checks'
import type { SnapshotBlock } from '../../engine/curvature/snapshot'
import { transposed, type Linalg, type Matrix } from '../../engine/linalg'
import { withObjectiveOfState } from '../../engine/training'
import { matrixText } from '../../shared/run/matrix'
import type { SnapshotManifestChecks, SolvedElsewhere } from '../../shared/run/schema'
import {
  checkpointSteps,
  folderBytes,
  logLine,
  readManifest,
  readSpec,
  readStatus,
  recountRun,
  replaceSpectrum,
  requireRun,
  runFolder,
  snapshotRefusal,
  snapshotsFolder,
  snapshotSteps,
  snapshotTarget,
  StorageError,
  writeSnapshot,
  type Workspace
} from '../../store'
import { weightsAt } from '../first-batch'
import { holdingRun } from '../hold'
import { openForRun, openStoredState } from '../stored-state'
import { names, readAbout, readResult, type About } from './documents'
import { weightsHash } from './export'
import { checkLimit, judge, readSolution, type Solution } from './judge'
import type { Watch } from './source'

export interface ElpaImport {
  readonly run: string
  readonly step: number
  readonly block: string
  readonly checks: SnapshotManifestChecks
  readonly solved: SolvedElsewhere
}

/** True for a folder that `export … --for elpa` wrote. */
export const isElpaFolder = async (workspace: Workspace, folder: string) =>
  (await workspace.fileSystem.info(join(folder, names.about))) !== null &&
  (await workspace.fileSystem.info(join(folder, 'manifest.json'))) === null

/** The snapshot of that step has the block; false: there is no snapshot, or one that gives way. Throws `conflict`. */
async function roomFor(workspace: Workspace, { run, step, block }: About, replace: boolean): Promise<boolean> {
  if (!(await snapshotSteps(workspace, run)).includes(step)) return false
  const { blocks } = await readManifest(workspace, { run, step })
  const there = blocks.find(({ name }) => name === block)
  if (!replace && there?.eigenvalues)
    throw new StorageError('conflict', `${run}:${step}/${block} has a spectrum; --replace puts this one in its place`)
  if (!replace && !there)
    throw new StorageError(
      'conflict',
      `the snapshot ${run}:${step} has the blocks ${blocks.map(({ name }) => name).join(', ')}, not ${block}; --replace puts one of ${block} alone in its place`
    )
  return there !== undefined
}

/** Throws `conflict` where the run is not the one, or not at the point, that the matrix was exported of. Returns the parameters, null where there are none. */
async function requireSame(workspace: Workspace, about: About): Promise<Float64Array | null> {
  const { run, step, weights, storedMatrix } = about
  const place = matrixText(about)
  if (weights !== null) {
    const parameters = await weightsAt(workspace, await readSpec(workspace, run), { run, step })
    if (weightsHash(parameters) === weights) return parameters
    throw new StorageError('conflict', `${place}: has other weights than those the matrix was exported of; export it again`)
  }
  const { files } = await readManifest(workspace, { run, step })
  if (storedMatrix === null || !files.some(({ sha256 }) => sha256 === storedMatrix))
    throw new StorageError('conflict', `${place}: holds another matrix than the one that was exported; export it again`)
  return null
}

/** ‖Hv − λv‖ / max|λ| with Hv from the weights by the R-operator; null where the step has no checkpoint, so that its batch is not known. Throws `bad-input` above the limit. */
async function productResidual(
  workspace: Workspace,
  about: About,
  { values, indices }: Solution,
  vectors: Matrix,
  linalg: Linalg,
  { signal, onPhase, onProgress }: Watch
) {
  const { run, step, offset, n } = about
  if (about.weights === null || !(await checkpointSteps(workspace, run)).includes(step)) return null
  onPhase?.('reading data')
  const { spec, state, data } = await openStoredState({ workspace, linalg, signal }, about)
  onPhase?.('residuals')
  const scale = Math.max(Math.abs(values[0]), Math.abs(values[n - 1]))
  const own = Float64Array.from(indices, (index) => values[index])
  const residual = await withObjectiveOfState({ linalg }, { spec, state }, data, (objective) =>
    residualError(objective, state.parameters, { offset, size: n }, 'hessian', vectors, own, scale, { signal, onProgress })
  )
  if (residual <= checkLimit) return residual
  throw new StorageError(
    'bad-input',
    `${matrixText(about)}: ‖Hv − λv‖ by Hessian-vector products is ${residual.toExponential(1)}·max|λ|, at most ${checkLimit} is taken: the matrix is not the Hessian of this run at this step`
  )
}

/** Takes the folder's result into its run. Throws one sentence, and the run is as it was. `replace`: in place of a spectrum, or of a snapshot of other blocks. */
export async function importFromElpa(
  workspace: Workspace,
  folder: string,
  { replace, ...watch }: Watch & { readonly replace: boolean }
): Promise<ElpaImport> {
  const { fileSystem } = workspace
  const about = await readAbout(fileSystem, folder)
  if (!about) throw new StorageError('bad-input', `${folder}: holds no ${names.about}`)
  const { run } = about
  const result = await readResult(fileSystem, folder, about)
  const solution = await readSolution(fileSystem, folder, about)
  await requireRun(workspace, run)
  return holdingRun(workspace, run, watch.signal ?? new AbortController().signal, async (signal) => {
    const parameters = await requireSame(workspace, about)
    await roomFor(workspace, about, replace)
    const linalg = await openForRun(await readStatus(workspace, run))
    try {
      watch.onPhase?.('checking against the matrix')
      const judged = await judge(fileSystem, folder, about, solution, linalg, { ...watch, signal })
      const vectors = transposed(solution.vectors)
      const byProducts = await productResidual(workspace, about, solution, vectors, linalg, { ...watch, signal })
      const { trace, frobenius, residual, orthogonality } = judged
      const checks = { ...about.checks, trace, frobenius, residual: byProducts ?? residual }
      const { library, version, ranks } = result
      const solved = {
        block: about.block,
        library,
        version,
        ranks,
        importedAt: new Date().toISOString(),
        matrixSha256: about.sha256,
        residual,
        orthogonality
      }
      watch.onPhase?.('writing')
      signal.throwIfAborted()
      await put(workspace, about, parameters, { solution, vectors, checks, solved, replace })
      await recountRun(workspace, run)
      await logLine(
        workspace,
        run,
        `spectrum of ${matrixText(about)} imported: ${about.n} eigenvalues by ${library} ${version} on ${ranks} ranks, residual ${checks.residual.toExponential(1)}`
      )
      return { run, step: about.step, block: about.block, checks, solved }
    } finally {
      await linalg.dispose()
    }
  })
}

interface Found {
  readonly solution: Solution
  readonly vectors: Matrix
  readonly checks: SnapshotManifestChecks
  readonly solved: SolvedElsewhere
  readonly replace: boolean
}

/** Into the snapshot that has the block, or as a snapshot of its own. */
async function put(
  workspace: Workspace,
  about: About,
  parameters: Float64Array | null,
  { solution, vectors, checks, solved, replace }: Found
): Promise<void> {
  const { run, step, block: name, n: size } = about
  const block: SnapshotBlock = {
    name,
    size,
    units: 1,
    eigenvalues: solution.values,
    eigenvectors: vectors,
    indices: solution.indices,
    checks
  }
  const spec = await readSpec(workspace, run)
  const folder = runFolder(workspace, run)
  const bytes = 8 * size * (solution.indices.length + 1) + 8 * (parameters?.length ?? 0)
  const refusal = await snapshotRefusal(workspace.fileSystem, folder, spec, {
    bytes,
    stored: await folderBytes(workspace.fileSystem, snapshotsFolder(folder))
  })
  if (refusal !== null) throw new StorageError('conflict', `no spectrum at step ${step}: ${refusal}`)
  if (await roomFor(workspace, about, replace)) return void (await replaceSpectrum(workspace, { run, step }, block, solved))
  if (parameters === null) throw new StorageError('not-found', `run "${run}" has no snapshot of step ${step} any more`)
  const snapshot = { step, parameters, blocks: [block] }
  const target = snapshotTarget(workspace.fileSystem, folder, run, spec, snapshot)
  await writeSnapshot({ ...target, onDemand: about.computed ?? undefined, solvedElsewhere: [solved] }, snapshot)
}
