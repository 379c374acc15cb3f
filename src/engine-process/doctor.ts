// What this machine offers, in rows: for `doctor` and for the settings page.
import { existsSync, readFileSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { cpus, freemem, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { cores, findBundled, findNativeLibrary, openLinalg } from '../engine/linalg'
import type { DoctorRow } from '../shared/api/contract'
import { bytesIn } from '../shared/format/bytes'
import { defaultLinalg, type LinalgChoice } from '../shared/linalg-choice'
import { openWorkspace } from '../store'
import { resourcesFolder } from '../store/datasets'
import { libraryRows } from './doctor-library'
import { ownVersion } from './versions'
import { messageOf } from '../shared/format/message-of'

/** A row that says what to do when it is not as it should be. */
const checked = (name: string, value: string, ok: boolean, advice: string): DoctorRow => ({ name, value, ok, ...(ok ? {} : { advice }) })

async function backendRow(kind: 'lapack' | 'wasm'): Promise<DoctorRow> {
  const name = kind === 'lapack' ? 'LAPACK backend' : 'WebAssembly backend'
  try {
    const linalg = await openLinalg({ backend: kind })
    const { description, threads } = linalg.info
    await linalg.dispose()
    const build = kind === 'wasm' ? `, build ${linalg.kernels}` : ''
    return { name, value: `${description}${build}, ${threads} thread${threads === 1 ? '' : 's'}`, ok: true }
  } catch (error) {
    // Without a native library the embedded backend does the work: no fault.
    const value = `not available: ${messageOf(error)}`
    return checked(
      name,
      value,
      kind === 'lapack',
      'The embedded kernels need WebAssembly with SIMD and threads: use Node 20.19 or newer, started without flags that switch WebAssembly off.'
    )
  }
}

/** Who decided about the backend in use; empty where nobody did. */
function decidedBy({ backend }: LinalgChoice): string {
  const { SADDLESCOPE_BACKEND: named } = process.env
  if (named && named !== 'auto') return ', named by SADDLESCOPE_BACKEND'
  return backend === 'auto' ? '' : ', chosen in Settings'
}

function threadsRow({ threads }: LinalgChoice): DoctorRow {
  const all = cores()
  const many = threads !== null && threads > all
  const value =
    threads === null
      ? `${all}: as many as this machine has cores, shared among runs at once`
      : `${threads} of ${all} cores, chosen in Settings for what the workbench starts; without that all of them`
  return checked('threads', value, !many, `More threads than cores wait for each other: choose ${all} or fewer in Settings.`)
}

async function backendInUse(choice: LinalgChoice): Promise<DoctorRow> {
  try {
    const linalg = await openLinalg()
    const { kind, description, threads } = linalg.info
    await linalg.dispose()
    const value = `${kind === 'wasm' ? linalg.kernels : kind}: ${description}, ${threads} thread${threads === 1 ? '' : 's'}${decidedBy(choice)}`
    return { name: 'backend in use', value, ok: true }
  } catch (error) {
    const value = messageOf(error)
    const { SADDLESCOPE_BACKEND: named } = process.env
    return checked(
      'backend in use',
      value,
      false,
      named
        ? 'Unset SADDLESCOPE_BACKEND, or name wasm: the embedded kernels are always there.'
        : 'Choose “Automatic” or the embedded kernels in Settings: they are always there.'
    )
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
    const value = messageOf(error)
    const advice = 'Make the folder writable for you, or name another one with --workspace or SADDLESCOPE_WORKSPACE.'
    return [checked('workspace', value, false, advice)]
  }
  const free = await freeBytes(folder)
  return [
    { name: 'workspace', value: folder, ok: true },
    checked(
      'free disk',
      free === null ? 'unknown' : bytesIn('GB', free),
      free === null || free > 1e9,
      'Less than 1 GB is left: empty the trash, prune snapshots, or open a workspace on another drive.'
    )
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
  if (override)
    return checked(
      name,
      `${override} (ELECTRON_OVERRIDE_DIST_PATH)`,
      existsSync(override),
      'There is no such folder: unset ELECTRON_OVERRIDE_DIST_PATH or let it name one that holds Electron.'
    )
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

/** `choice`: what the workspace's settings ask for; what this process computes with is its own matter (`preferLinalg`). */
export async function examine(workspace: string, choice: LinalgChoice = defaultLinalg): Promise<DoctorRow[]> {
  return [
    { name: 'Saddlescope', value: ownVersion(), ok: true },
    { name: 'Node', value: `${process.versions.node} on ${process.platform}`, ok: true },
    processorRow(),
    checked(
      'memory',
      `${bytesIn('GB', freemem())} free of ${bytesIn('GB', totalmem())}`,
      freemem() > 5e8,
      'Less than 0.5 GB is free: close other programs, or train smaller nets, by layer blocks or with sfn-krylov.'
    ),
    await backendRow('lapack'),
    await backendRow('wasm'),
    await backendInUse(choice),
    threadsRow(choice),
    ...(await nativeRows()),
    ...(await workspaceRows(workspace)),
    electronRow()
  ]
}
