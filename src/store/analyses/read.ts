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

/** Newest first. One that cannot be read is left out. */
export async function listAnalyses(workspace: Workspace, run: string): Promise<AnalysisInfo[]> {
  await requireRun(workspace, run)
  const { fileSystem } = workspace
  const parent = analysesFolder(runFolder(workspace, run))
  const found: AnalysisInfo[] = []
  for (const name of (await translating(`read ${parent}`, () => fileSystem.list(parent))).filter((one) => analysisNamePattern.test(one))) {
    const manifest = await readJson(fileSystem, join(parent, name, 'manifest.json'), analysisManifestSchema).catch(() => null)
    if (manifest) found.push({ name, bytes: await folderBytes(fileSystem, join(parent, name)), manifest })
  }
  return found.sort((a, b) => b.manifest.createdAt.localeCompare(a.manifest.createdAt) || b.name.localeCompare(a.name))
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
