// What this machine offers, in rows: for `doctor` and for the settings page.
import { existsSync, readFileSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { cpus, freemem, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { findBundled, findNativeLibrary, openLinalg } from '../engine/linalg'
import type { DoctorRow } from '../shared/api/contract'
import { bytesIn } from '../shared/format/bytes'
import { openWorkspace } from '../store'
import { resourcesFolder } from '../store/datasets'
import { libraryRows } from './doctor-library'
import { ownVersion } from './versions'

async function backendRow(kind: 'lapack' | 'wasm'): Promise<DoctorRow> {
  const name = kind === 'lapack' ? 'LAPACK backend' : 'WebAssembly backend'
  try {
    const linalg = await openLinalg({ backend: kind })
    const { description, threads } = linalg.info
    await linalg.dispose()
    return { name, value: `${description}, ${threads} thread${threads === 1 ? '' : 's'}`, ok: true }
  } catch (error) {
    // Without a native library the embedded backend does the work: no fault.
    return { name, value: `not available: ${error instanceof Error ? error.message : String(error)}`, ok: kind === 'lapack' }
  }
}

async function backendInUse(): Promise<DoctorRow> {
  try {
    const linalg = await openLinalg()
    const { kind, description, threads } = linalg.info
    await linalg.dispose()
    return { name: 'backend in use', value: `${kind}: ${description}, ${threads} thread${threads === 1 ? '' : 's'}`, ok: true }
  } catch (error) {
    return { name: 'backend in use', value: error instanceof Error ? error.message : String(error), ok: false }
  }
}

async function nativeRows(): Promise<DoctorRow[]> {
  try {
    const features = processorFeatures()
    return libraryRows({
      ...(await findNativeLibrary()),
      checkout: existsSync(join(dirname(resourcesFolder()), 'scripts', 'fetch-openblas.mjs')),
      bundled: findBundled() !== null,
      avx2: features === '' ? null : features.split(' ').includes('avx2'),
      now: new Date()
    })
  } catch {
    // The row of the backend in use says what is wrong.
    return []
  }
}

async function workspaceRows(folder: string): Promise<DoctorRow[]> {
  try {
    await openWorkspace(folder)
  } catch (error) {
    return [{ name: 'workspace', value: error instanceof Error ? error.message : String(error), ok: false }]
  }
  const free = await freeBytes(folder)
  return [
    { name: 'workspace', value: folder, ok: true },
    { name: 'free disk', value: free === null ? 'unknown' : bytesIn('GB', free), ok: free === null || free > 1e9 }
  ]
}

/** Free bytes of the drive a folder is on; null where the system does not say. */
export async function freeBytes(folder: string): Promise<number | null> {
  // Node 16 inside Electron 22 has no statfs.
  if (typeof statfs !== 'function') return null
  try {
    const { bavail, bsize } = await statfs(folder)
    return bavail * bsize
  } catch {
    return null
  }
}

function electronRow(): DoctorRow {
  const name = 'Electron'
  if (process.versions.electron) return { name, value: `${process.versions.electron} (running)`, ok: true }
  const override = process.env.ELECTRON_OVERRIDE_DIST_PATH
  if (override) return { name, value: `${override} (ELECTRON_OVERRIDE_DIST_PATH)`, ok: existsSync(override) }
  const folder = join(dirname(resourcesFolder()), 'node_modules', 'electron')
  // Installed from the tarball, which is for machines without a display.
  if (!existsSync(folder))
    return { name, value: 'not part of this installation: `saddlescope serve` opens the workbench in a browser', ok: true }
  const installed = existsSync(join(folder, 'path.txt')) && existsSync(join(folder, 'dist'))
  return {
    name,
    value: installed
      ? join(folder, 'dist')
      : 'its binary is not installed: the workbench runs in the browser; `npx install-electron` brings the window',
    ok: true
  }
}

/** Vector instructions that speed depends on, where the system lists them. */
function processorFeatures(): string {
  try {
    const flags = /^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'latin1'))?.[1].trim().split(' ') ?? []
    return ['sse4_1', 'avx', 'fma', 'avx2', 'avx512f'].filter((flag) => flags.includes(flag)).join(' ')
  } catch {
    return ''
  }
}

function processorRow(): DoctorRow {
  const all = cpus()
  const features = processorFeatures()
  const model = all[0]?.model.trim() ?? process.arch
  return { name: 'processor', value: `${model}, ${all.length} cores, ${process.arch}${features === '' ? '' : ` (${features})`}`, ok: true }
}

export async function examine(workspace: string): Promise<DoctorRow[]> {
  return [
    { name: 'Saddlescope', value: ownVersion(), ok: true },
    { name: 'Node', value: `${process.versions.node} on ${process.platform}`, ok: true },
    processorRow(),
    { name: 'memory', value: `${bytesIn('GB', freemem())} free of ${bytesIn('GB', totalmem())}`, ok: freemem() > 5e8 },
    await backendRow('lapack'),
    await backendRow('wasm'),
    await backendInUse(),
    ...(await nativeRows()),
    ...(await workspaceRows(workspace)),
    electronRow()
  ]
}
