// `export RUN --out PATH` and `import PATH`.
import { importRunWithSpectrum } from '../../engine-process/import-run'
import { requireRun } from '../../store'
import { exportRun } from '../../store/transfer'
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
  try {
    const id = await importRunWithSpectrum(workspace, userPath(path), {
      ...(options.id === undefined ? {} : { id: options.id }),
      signal: stop.signal,
      onPhase: display.onPhase,
      onProgress: display.onProgress
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
  }
}
