// The analyses a run keeps: listed, read, let go.
import { join } from 'node:path'
import type { AnalysisInfo } from '../../shared/api/answers'
import { analysisManifestSchema, type AnalysisManifest } from '../../shared/analyses/manifest'
import { analysisNamePattern } from '../../shared/run/matrix'
import { readJson, removeWhole, StorageError, translating } from '../files'
import { analysesFolder, folderBytes, requireRun, runFolder } from '../run-folder'
import type { MatrixFiles } from '../snapshots'
import type { Workspace } from '../workspace'
import { recountIdleRun } from './folder'

const folderOf = (workspace: Workspace, run: string, name: string) => join(analysesFolder(runFolder(workspace, run)), name)

/** Throws StorageError (`not-found` naming those there are, `damaged`). */
export async function readAnalysis(workspace: Workspace, run: string, name: string): Promise<AnalysisManifest> {
  const path = join(folderOf(workspace, run, name), 'manifest.json')
  const manifest = analysisNamePattern.test(name) ? await readJson(workspace.fileSystem, path, analysisManifestSchema) : null
  if (manifest) return manifest
  const names = (await listAnalyses(workspace, run)).map((one) => one.name)
  throw new StorageError('not-found', `run "${run}" has no analysis "${name}"; it has ${names.join(', ') || 'none'}`)
}

async function looked(workspace: Workspace, run: string) {
  await requireRun(workspace, run)
  const { fileSystem } = workspace
  const parent = analysesFolder(runFolder(workspace, run))
  const names = (await translating(`read ${parent}`, () => fileSystem.list(parent))).filter((one) => analysisNamePattern.test(one))
  return Promise.all(
    names.map(async (name) => ({
      name,
      manifest: await readJson(fileSystem, join(parent, name, 'manifest.json'), analysisManifestSchema).catch(() => null)
    }))
  )
}

/** Newest first. One that cannot be read is left out: `damagedSentence` names it. */
export async function listAnalyses(workspace: Workspace, run: string): Promise<AnalysisInfo[]> {
  const found: AnalysisInfo[] = []
  for (const { name, manifest } of await looked(workspace, run))
    if (manifest) found.push({ name, bytes: await folderBytes(workspace.fileSystem, folderOf(workspace, run, name)), manifest })
  return found.sort((a, b) => b.manifest.createdAt.localeCompare(a.manifest.createdAt) || b.name.localeCompare(a.name))
}

/** The newest of a kind at a step with these options, which are complete; undefined where there is none. */
export function sameAnalysis(
  found: readonly AnalysisInfo[],
  { kind, step, options }: { readonly kind: string; readonly step: number; readonly options: unknown }
): AnalysisInfo | undefined {
  const wanted = JSON.stringify(options)
  return found.find(({ manifest }) => manifest.kind === kind && manifest.step === step && JSON.stringify(manifest.options) === wanted)
}

/** Names of those whose manifest cannot be read. Their files are left as they are. */
const damagedAnalyses = async (workspace: Workspace, run: string): Promise<string[]> =>
  (await looked(workspace, run)).flatMap(({ name, manifest }) => (manifest ? [] : [name])).sort()

/** What is said of them, one sentence; null where there are none. */
export async function damagedSentence(workspace: Workspace, run: string): Promise<string | null> {
  const names = await damagedAnalyses(workspace, run)
  if (names.length === 0) return null
  const what = names.length === 1 ? 'An analysis of this run cannot be read' : `${names.length} analyses of this run cannot be read`
  return `${what}: manifest.json of ${names.join(', ')} is missing or damaged. What else is there is as it was.`
}

/** Deletes it for good and returns the bytes freed. */
export async function removeAnalysis(workspace: Workspace, run: string, name: string): Promise<number> {
  await readAnalysis(workspace, run, name)
  const { fileSystem } = workspace
  const path = folderOf(workspace, run, name)
  const bytes = await folderBytes(fileSystem, path)
  await removeWhole(fileSystem, path)
  await recountIdleRun(workspace, run).catch(() => undefined)
  return bytes
}

/** The matrix of an analysis that has one beside its overview (a difference); throws `not-found` for others. */
export async function analysisMatrix(workspace: Workspace, run: string, name: string): Promise<MatrixFiles & { readonly units: number }> {
  const { arrays } = await readAnalysis(workspace, run, name)
  const [matrix, overview] = [arrays.difference, arrays.overview]
  if (!matrix || !overview || matrix.shape.length < 2)
    throw new StorageError('not-found', `${name} of run "${run}" holds no matrix to look at`)
  const folder = folderOf(workspace, run, name)
  const columns = matrix.shape[matrix.shape.length - 1]
  const units = matrix.shape.length === 3 ? matrix.shape[0] : 1
  const rows = matrix.shape[matrix.shape.length - 2] * units
  return { name, rows, columns, units, matrix: join(folder, matrix.file), overview: join(folder, overview.file) }
}
