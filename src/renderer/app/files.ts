// Files out of the workbench, the same for every screen: the desktop app is told where, a browser fetches bytes.
import type { RunSummary } from '../../shared/run/summary'
import { notify } from '../ui/toasts'
import { sayError } from './actions'
import { copyText } from './clipboard'
import { call, fetchOnce } from './data'

type Run = Pick<RunSummary, 'id'>

/** The browser's own download; asked first whether there is one, so that a fault is said on the page. */
async function fetchFile(address: string) {
  try {
    const asked = await fetch(address, { method: 'HEAD' })
    if (!asked.ok) {
      const why = await fetch(address).then((answer) => (answer.ok ? '' : answer.text()))
      throw new Error(why || `the server answered ${asked.status}`)
    }
    const link = document.createElement('a')
    link.href = address
    link.download = ''
    link.click()
  } catch (error) {
    sayError(error instanceof TypeError ? new Error('The file cannot be fetched: the workbench does not answer.') : error)
  }
}

async function saveTo(name: string, input: { id: string; file: string | null }) {
  try {
    const out = await window.saddlescope?.ask('save-path', { name })
    if (!out) return
    await call('runs.export', { ...input, out })
  } catch (error) {
    sayError(error)
  }
}

/** One file of a run, by its path in the run's folder. */
export async function downloadRunFile(run: Run, name: string) {
  if (window.saddlescope) return saveTo(`${run.id}-${name.replaceAll('/', '-')}`, { id: run.id, file: name })
  return fetchFile(`/files/runs/${run.id}/${name.split('/').map(encodeURIComponent).join('/')}`)
}

/** The whole run as a zip that a notebook opens and any workspace imports. */
export async function exportRun(run: Run) {
  if (window.saddlescope) return saveTo(`${run.id}.zip`, { id: run.id, file: null })
  return fetchFile(`/files/exports/${run.id}?format=zip`)
}

async function runFolder(run: Run): Promise<string> {
  const { workspace, platform } = await fetchOnce('app.info', {})
  return [workspace, 'runs', run.id].join(platform === 'win32' ? '\\' : '/')
}

/** What the desktop app opens, a browser can only name. */
export const folderAction = window.saddlescope ? 'Open folder' : 'Copy path of the folder'

export async function showRunFolder(run: Run) {
  try {
    const folder = await runFolder(run)
    if (!window.saddlescope) return await copyText(folder, `Copied ${folder}`)
    const fault = await window.saddlescope.ask('open-folder', { path: folder })
    if (fault !== '') notify(`The folder was not opened: ${fault}`, { tone: 'bad' })
  } catch (error) {
    sayError(error)
  }
}
