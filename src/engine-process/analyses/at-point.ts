// A kind that works on weights and an objective, as a plan: its cost first, then its arrays written as they come.
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { analysisEngines, type AnalysisEngine, type AnalysisOutcome } from '../../engine/analyses'
import { analysisKinds, type AnalysisOptions, type PointKind } from '../../shared/analyses/kinds'
import type { BackendInfo } from '../../engine/linalg'
import { analysisTiles, finishFile, streamArray, StorageError, type Workspace } from '../../store'
import { ownVersion } from '../versions'
import type { AnalysisPlan, AnalysisResult } from './runner'
import { findPlace, placeName, withSource, type AnalysisTarget } from './source'

/** The same for what gives the same bits: options, version and linear algebra are in it; the weights of a run's step do not change. */
function tilesName(kind: PointKind, step: number, options: unknown, { description, threads }: BackendInfo): string {
  const what = JSON.stringify([options, description, threads, ownVersion()])
  return `${kind}-${step}-${createHash('sha256').update(what).digest('hex').slice(0, 16)}`
}

async function writeArrays(
  workspace: Workspace,
  folder: string,
  arrays: AnalysisOutcome['arrays']
): Promise<Pick<AnalysisResult, 'arrays' | 'files'>> {
  const files: AnalysisResult['files'][number][] = []
  for (const [name, array] of Object.entries(arrays)) {
    const file = `${name}.npy`
    const path = join(folder, file)
    const pieces = 'data' in array ? [array.data] : array.pieces
    await streamArray(workspace.fileSystem, path, { shape: array.shape, pieces }, 'float64')
    files.push({ name: file, ...(await finishFile(workspace.fileSystem, path)) })
  }
  return { arrays, files }
}

/** Throws StorageError or SpecFault, one sentence, for what cannot be done. */
export async function planAtPoint<Kind extends PointKind>(
  workspace: Workspace,
  kind: Kind,
  target: AnalysisTarget,
  options: AnalysisOptions<Kind>
): Promise<AnalysisPlan<Kind>> {
  const engine: AnalysisEngine<AnalysisOptions<Kind>> = analysisEngines[kind]
  const samples = engine.data ?? ('data' in options && options.data === 'all' ? 'all' : 'batch')
  const place = await findPlace(workspace, target, samples)
  const { spec, step, shape } = place
  const refusal = engine.refusal?.(spec, shape, options) ?? null
  if (refusal !== null) throw new StorageError('bad-input', `${kind}: ${refusal}`)
  const { seconds, memoryBytes, diskBytes } = engine.cost(shape, options, spec)
  return {
    step,
    title: `${analysisKinds[kind].title} of ${placeName(place)}`,
    options,
    seconds,
    memoryBytes,
    diskBytes: diskBytes + 16_384,
    work: (folder, { signal, onProgress, onPreview }) =>
      withSource(workspace, place, samples, signal, async (source) => {
        onProgress(0, 'reading data')
        const tiles =
          place.run === null ? undefined : analysisTiles(workspace, place.run, tilesName(kind, step, options, source.linalg.info))
        const { arrays, notes, said, afterwards, ...found } = await engine.work(source, options, { signal, onProgress, onPreview, tiles })
        signal.throwIfAborted()
        const written = await writeArrays(workspace, folder, arrays)
        const late = afterwards?.()
        await tiles?.remove()
        const judged = Object.entries({ ...found.checks, ...late?.checks }).map(([name, { value, limit }]) => [
          name,
          { value, limit, ok: value !== null && value <= limit }
        ])
        return {
          ...written,
          figures: { ...found.figures, ...late?.figures },
          checks: Object.fromEntries(judged) as AnalysisResult['checks'],
          notes: [...notes],
          backend: source.linalg.info,
          said
        }
      })
  }
}
