// Electron's fuses: which are set and why, set in the packaged binary and read back from it.
import { flipFuses, FuseState, FuseV1Options, FuseVersion, getCurrentFuseWire } from '@electron/fuses'

/** The table that docs/packaging.md shows. `on` may depend on the platform. */
export const fuses = [
  {
    name: 'RunAsNode',
    on: () => true,
    why: 'the command line `saddlescope` runs the packaged binary as Node, without a display and as root too; whoever can set an environment variable for the user can start any program as the user anyway'
  },
  { name: 'EnableCookieEncryption', on: () => false, why: 'the page keeps no cookies; on, Linux would ask for the keyring' },
  { name: 'EnableNodeOptionsEnvironmentVariable', on: () => false, why: 'NODE_OPTIONS cannot load code into the app' },
  { name: 'EnableNodeCliInspectArguments', on: () => false, why: '--inspect cannot attach a debugger to the app' },
  {
    name: 'EnableEmbeddedAsarIntegrityValidation',
    on: (platform) => platform !== 'linux',
    why: 'app.asar is checked against the hash in the program, where Electron can do that (macOS and Windows)'
  },
  { name: 'OnlyLoadAppFromAsar', on: () => true, why: 'a folder `app` beside app.asar is not run in its place' },
  { name: 'LoadBrowserProcessSpecificV8Snapshot', on: () => false, why: 'there is one snapshot for all processes' },
  { name: 'GrantFileProtocolExtraPrivileges', on: () => false, why: 'the page comes from app://, never from file://' },
  { name: 'WasmTrapHandlers', on: () => true, why: 'bounds checks of WebAssembly by the hardware: the kernels are faster' }
]

const indexOf = (name) => {
  const index = FuseV1Options[name]
  if (index === undefined) throw new Error(`@electron/fuses does not know the fuse ${name}`)
  return index
}

/** Only fuses that this Electron's wire has can be set. */
export async function setFuses(executable, platform) {
  const wire = await getCurrentFuseWire(executable)
  const wanted = fuses.filter(({ name }) => wire[indexOf(name)] !== undefined)
  await flipFuses(executable, {
    version: FuseVersion.V1,
    resetAdHocDarwinSignature: platform === 'darwin',
    ...Object.fromEntries(wanted.map(({ name, on }) => [indexOf(name), on(platform)]))
  })
}

const words = { [FuseState.ENABLE]: 'on', [FuseState.DISABLE]: 'off', [FuseState.REMOVED]: 'removed' }

/** What stands in the binary: one row a fuse of the table, and one for each that the table does not know. */
export async function readFuses(executable, platform) {
  const wire = await getCurrentFuseWire(executable)
  const rows = fuses.map(({ name, on, why }) => {
    const state = wire[indexOf(name)]
    const wanted = on(platform) ? 'on' : 'off'
    const found = state === undefined ? 'not in this Electron' : (words[state] ?? String(state))
    return { name, wanted, found, right: state === undefined || found === wanted, why }
  })
  const known = new Set(fuses.map(({ name }) => String(indexOf(name))))
  for (const [index, state] of Object.entries(wire))
    if (/^\d+$/.test(index) && !known.has(index))
      rows.push({
        name: `number ${index}`,
        wanted: 'to be decided',
        found: words[state] ?? String(state),
        right: false,
        why: 'a fuse that the table does not know'
      })
  return rows
}
