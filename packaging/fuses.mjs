// Sets Electron's fuses in the packaged program and reads them back from it.
import { flipFuses, FuseState, FuseV1Options, FuseVersion, getCurrentFuseWire } from '@electron/fuses'
import { fuses } from './fuse-table.mjs'

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
