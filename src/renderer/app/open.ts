// What a person opens, drops or chooses, however it came: recognised, handed to the import that takes it, and shown where it arrives.
import { shallowRef } from 'vue'
import { openKinds, recognize } from '../../shared/open-kinds'
import { sayError } from './actions'
import { call } from './data'
import { onJobEnd } from './jobs'
import { onNews } from './shell'
import { placeOf, stage, type Found, type Known, type StagedSet } from './stage'
import { Cancelled, sendFiles } from './uploads'

/** What waits on the Import card of the Datasets screen. */
export const stagedSets = shallowRef<readonly StagedSet[]>([])

/** Arrays that were opened on the Snapshots screen: what they are is said there before they join the runs. */
export const stagedArrays = shallowRef<readonly StagedSet[]>([])

/** Networks that wait on the Network screen for what their files do not say. */
export const stagedModels = shallowRef<readonly StagedSet[]>([])

/** Data for the network that is open there. */
export const stagedModelData = shallowRef<StagedSet | null>(null)

/** Imports at once; with `show` it is shown itself when it has arrived and the person is still where they were. */
async function importRuns(found: readonly Known[], show: boolean) {
  for (const one of found)
    try {
      const { job } = await call('runs.import', { path: await placeOf([one], sendFiles) })
      if (!show) continue
      const { hash } = location
      const stop = onJobEnd((ended) => {
        if (ended.id !== job) return
        stop()
        if (ended.made && location.hash === hash) location.hash = `#/run/${ended.made.id}${one.kind === 'matrix' ? '/spectrum' : ''}`
      })
    } catch (error) {
      if (!(error instanceof Cancelled)) sayError(error)
    }
}

async function take(all: readonly Found[], show: boolean) {
  for (const one of all) if ('why' in one) sayError(new Error(one.why))
  const known = all.filter((one): one is Known => 'kind' in one)
  const arriving = (method: (typeof openKinds)[Known['kind']]['arrives']) => known.filter(({ kind }) => openKinds[kind].arrives === method)
  const onSnapshots = location.hash.split('?')[0] === '#/snapshots'
  const arrays = onSnapshots ? known.filter(({ kind }) => kind === 'matrix') : []
  const runs = arriving('runs.import').filter((one) => !arrays.includes(one))
  const models = arriving('models.import')
  const sets = stage(arriving('datasets.import'), sendFiles)
  // Beside a network that is open, or that comes with them, one set of samples is what it is looked at with.
  const forModel =
    sets.length === 1 && (models.length === 1 || (stagedModels.value.length > 0 && location.hash.split('?')[0] === '#/model'))
  // Where something waits for a word is more urgent than where something is listed.
  const screen = models.length > 0 || forModel ? '#/model' : sets.length > 0 ? '#/datasets' : runs.length > 0 ? '#/' : null
  if (screen !== null && location.hash.split('?')[0] !== screen) location.hash = screen
  stagedArrays.value = [...stagedArrays.value, ...stage(arrays, sendFiles)]
  if (forModel) stagedModelData.value = sets[0]
  else stagedSets.value = [...stagedSets.value, ...sets]
  stagedModels.value = [...stagedModels.value, ...stage(models, sendFiles)]
  if (runs.length > 0) await importRuns(runs, show && all.length === 1)
}

/** Files and folders of this machine; in the desktop app only. `show`: one run that was opened by itself is shown itself. */
export async function openPaths(paths: readonly string[], show: boolean): Promise<void> {
  if (paths.length === 0) return
  try {
    await take(await call('files.recognize', { paths: [...paths] }), show)
  } catch (error) {
    sayError(error)
  }
}

async function foundFile(file: File): Promise<Found> {
  const read = async (offset: number, length: number) => new Uint8Array(await file.slice(offset, offset + length).arrayBuffer())
  const thing = { name: file.name, bytes: file.size, isFolder: false, read, list: async () => [] }
  const found = await recognize(thing).catch(() => ({ name: file.name, why: `${file.name}: cannot be read` }))
  return { ...found, bytes: file.size, file }
}

/** Files that the person chose or dropped: by their paths in the desktop app, else looked at here and sent when they are imported. */
export async function openFiles(files: Iterable<File>, show = false): Promise<void> {
  const all = [...files]
  const bridge = window.saddlescope
  if (!bridge) return take(await Promise.all(all.map(foundFile)), show)
  const paths = all.map((file) => bridge.pathOf(file))
  all.forEach((file, place) => {
    if (paths[place] === '') sayError(new Error(`${file.name} is no file of this machine`))
  })
  return openPaths(
    paths.filter((path) => path !== ''),
    show
  )
}

/** Lets the person choose files, as a click on a file field does. */
export function pickFiles(accept: readonly string[] = []): Promise<readonly File[]> {
  return new Promise((done) => {
    const field = document.createElement('input')
    field.type = 'file'
    field.accept = accept.map((ending) => `.${ending}`).join(',')
    field.multiple = true
    field.hidden = true
    const end = () => {
      field.remove()
      done([...(field.files ?? [])])
    }
    field.addEventListener('change', end, { once: true })
    field.addEventListener('cancel', end, { once: true })
    document.body.append(field)
    field.click()
  })
}

/** The command Open…: a native dialog in the desktop app, else a file field. Parts of a set, such as MNIST's, have no ending to choose by. */
export async function openByChoice() {
  try {
    if (window.saddlescope) await openPaths(await window.saddlescope.ask('choose-path', { purpose: 'open' }), true)
    else await openFiles(await pickFiles(), true)
  } catch (error) {
    sayError(error)
  }
}

/** What is opened from outside the window: on the command line, by the system, by a second start. */
export function startOpening() {
  const bridge = window.saddlescope
  if (!bridge) return
  const take = () => void bridge.ask('take-opened', {}).then((paths) => openPaths(paths, true), sayError)
  onNews('opened', take)
  take()
}
