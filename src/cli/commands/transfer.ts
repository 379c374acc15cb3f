// `export RUN --out PATH` and `import PATH`.
import { openLinalg } from '../../engine/linalg'
import { requireRun } from '../../store'
import { exportRun, importPath } from '../../store/transfer'
import { printJson, readableWorkspace, say, stopSignal, userPath, writableWorkspace, type WorkspaceOptions } from '../context'
import { phaseDisplay } from '../phase-display'

export async function exportOne(id: string, options: WorkspaceOptions & { readonly out: string }): Promise<void> {
  const workspace = readableWorkspace(options)
  await requireRun(workspace, id)
  const { path, files, notes } = await exportRun(workspace, id, userPath(options.out))
  for (const note of notes) say(note)
  if (options.json) printJson({ run: id, path, files, notes })
  else say(`exported ${id} to ${path}: ${files} files`)
}

export async function importOne(path: string, options: WorkspaceOptions & { readonly id?: string }): Promise<void> {
  const workspace = await writableWorkspace(options)
  const stop = stopSignal(() => say('\nstopping…'))
  const display = phaseDisplay(process.stderr)
  let linalg: Awaited<ReturnType<typeof openLinalg>> | null = null
  display.onPhase('importing')
  try {
    const id = await importPath(workspace, userPath(path), {
      ...(options.id === undefined ? {} : { id: options.id }),
      signal: stop.signal,
      onProgress: display.onProgress,
      async eigenvalues(matrix) {
        linalg ??= await openLinalg()
        display.onPhase('eigenvalues')
        return linalg.eigenvalues(matrix, { signal: stop.signal, onProgress: display.onProgress })
      }
    })
    display.clear()
    if (options.json) printJson({ run: id })
    else say(`imported as run ${id}`)
  } catch (error) {
    display.clear()
    if (stop.signal.aborted) stop.signal.throwIfAborted()
    throw error
  } finally {
    stop.dispose()
    await (linalg as Awaited<ReturnType<typeof openLinalg>> | null)?.dispose()
  }
}
