// What the person is asked to choose in a native dialog: for each purpose whether it is a file or a folder, and which endings are shown first.
import { extensionsOf } from '../open-kinds'

interface Purpose {
  readonly title: string
  readonly what: 'file' | 'files' | 'folder'
  /** A name for the files that are shown, and their endings without dots. All files can be shown instead. */
  readonly shows?: { readonly name: string; readonly extensions: readonly string[] }
}

export const purposes = {
  open: { title: 'Open', what: 'files', shows: { name: 'Runs, matrices, networks and data sets', extensions: extensionsOf() } },
  'open-folder': { title: 'Open a run’s or a data set’s folder', what: 'folder' },
  'dataset-file': { title: 'Choose a data set', what: 'file', shows: { name: 'Data sets', extensions: extensionsOf('datasets.import') } },
  model: { title: 'Choose a network', what: 'file', shows: { name: 'Networks', extensions: extensionsOf('models.import') } },
  'dataset-folder': { title: 'Choose the folder of a data set', what: 'folder' },
  'projection-matrix': { title: 'Choose the matrix of the projection', what: 'file', shows: { name: 'NumPy arrays', extensions: ['npy'] } },
  'start-weights': { title: 'Choose the start weights', what: 'file', shows: { name: 'NumPy archives', extensions: ['npz'] } },
  workspace: { title: 'Open a workspace', what: 'folder' }
} as const satisfies Record<string, Purpose>

export type PurposeName = keyof typeof purposes
export const purposeNames = Object.keys(purposes) as PurposeName[]
