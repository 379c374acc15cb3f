// The kinds of things that can be opened or dropped: what each is called, how it is recognised, and which import takes it. A later kind is one entry.
import { isMetricsHeader } from './csv/metrics-columns'
import { isKnownName } from './datasets/known-files'
import { maximumHeaderBytes, NpyError, parseNpyHeader, readZipDirectory, type NpyHeader, type ZipSource } from './npy'

/** A file or folder as it is looked at, wherever it lies. */
export interface Thing extends ZipSource {
  readonly isFolder: boolean
  /** Paths of the files in a folder and in the folders in it, "/" between parts. */
  list(): Promise<readonly string[]>
}

/** What recognition has seen of a thing. */
interface Seen {
  readonly name: string
  readonly isFolder: boolean
  /** Paths in a folder or a zip; null for any other file. */
  readonly paths: readonly string[] | null
  /** The first bytes of a file. */
  readonly start: Uint8Array
}

interface KindEntry {
  /** In a sentence, with its article. */
  readonly called: string
  /** What it comes as, in a sentence. */
  readonly comesAs: string
  /** Endings by which dialogs show it. */
  readonly extensions: readonly string[]
  /** The method that takes its path. Runs are taken at once; data sets and networks wait, since how they are read and what they lack can be said. */
  readonly arrives: 'runs.import' | 'datasets.import' | 'models.import'
  readonly is: (seen: Seen) => boolean
  /** Why this one is not taken, in one sentence; null when it is. */
  readonly fault?: (thing: Thing) => Promise<string | null>
}

const baseOf = (path: string) => path.slice(path.lastIndexOf('/') + 1)
const holds = (seen: Seen, wanted: (base: string) => boolean) => seen.paths?.some((path) => wanted(baseOf(path))) ?? false
const named = (seen: Seen, ending: RegExp) => !seen.isFolder && ending.test(seen.name)
/** Samples have an array x; weights have names of their own. */
const isSamples = (name: string) => /^x(_train)?\.npy$/i.test(name)
const isPart = ({ name, isFolder }: Pick<Seen, 'name' | 'isFolder'>) => !isFolder && isKnownName(name)

export const maximumMatrixSize = 12_000
const maximumEigenvalues = 10_000_000

/** What an array is taken for, or why it is not. */
export function arrayMeaning({ shape, type }: Pick<NpyHeader, 'shape' | 'type'>): { is: 'matrix' | 'eigenvalues' } | { fault: string } {
  const sized = `shape (${shape.join(', ')})`
  if (!type.startsWith('f')) return { fault: `has entries of type ${type}, must be float64, float32 or float16` }
  if (shape.length === 1 && shape[0] >= 1 && shape[0] <= maximumEigenvalues) return { is: 'eigenvalues' }
  if (shape.length === 2 && shape[0] === shape[1] && shape[0] >= 1)
    return shape[0] <= maximumMatrixSize
      ? { is: 'matrix' }
      : { fault: `${sized} is larger than the ${maximumMatrixSize} × ${maximumMatrixSize} that are taken` }
  return { fault: `has ${sized}, must be square (a Hessian) or one-dimensional (eigenvalues)` }
}

/** What was found in an array that waits to be imported. */
export interface ArrayInspection {
  readonly path: string
  readonly name: string
  readonly shape: readonly number[]
  /** As in NumPy without the byte order: `f8`. */
  readonly type: string
  readonly bigEndian: boolean
  readonly fortranOrder: boolean
  readonly kind: 'matrix' | 'eigenvalues'
  /** max |H − Hᵀ| relative to max |H|; null for eigenvalues. */
  readonly symmetry: number | null
  readonly least: number
  readonly greatest: number
  /** Entries below 0; null for a matrix. */
  readonly negative: number | null
  /** Why it is not taken all the same; null when it is. */
  readonly fault: string | null
}

/** The cells of a table's first line, as far as they are told apart before its separator is known. */
function headerNames(start: Uint8Array): string[] {
  const [line] = new TextDecoder().decode(start).split(/[\r\n]/, 1)
  return line
    .replace(/^\ufeff?#?/, '')
    .split(/[,;\t|]/)
    .map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'))
}

async function arrayFault(thing: Thing): Promise<string | null> {
  const start = await thing.read(0, Math.min(thing.bytes, maximumHeaderBytes + 12))
  const meaning = arrayMeaning(parseNpyHeader(start, thing.name, thing.bytes))
  return 'is' in meaning ? null : `${thing.name}: ${meaning.fault}; samples of a data set come as .npz with arrays x and y`
}

/** The first that fits counts. */
export const openKinds = {
  run: {
    called: 'a run',
    comesAs: 'its folder, a .zip or a .saddlescope',
    extensions: ['saddlescope', 'zip'],
    arrives: 'runs.import',
    is: (seen) => (seen.isFolder ? seen.paths?.includes('spec.json') === true : holds(seen, (base) => base === 'spec.json'))
  },
  matrix: {
    called: 'a matrix or a list of eigenvalues',
    comesAs: '.npy',
    extensions: ['npy'],
    arrives: 'runs.import',
    is: (seen) => named(seen, /\.npy$/i),
    fault: arrayFault
  },
  network: {
    called: 'a network',
    comesAs: '.safetensors, .onnx, .pt, .pth, .npz of weights',
    extensions: ['safetensors', 'onnx', 'pt', 'pth', 'npz'],
    arrives: 'models.import',
    is: (seen) =>
      named(seen, /\.(safetensors|onnx|pt|pth)$/i) ||
      (!seen.isFolder && holds(seen, (name) => name === 'data.pkl')) ||
      (named(seen, /\.npz$/i) && holds(seen, (name) => name.endsWith('.npy')) && !holds(seen, isSamples))
  },
  metrics: {
    called: 'the metrics of a run',
    comesAs: '.csv with a column step and a loss',
    extensions: ['csv', 'tsv'],
    arrives: 'runs.import',
    is: (seen) => named(seen, /\.(csv|tsv|txt)$/i) && isMetricsHeader(headerNames(seen.start))
  },
  table: {
    called: 'a table of samples',
    comesAs: '.csv, .tsv, .txt',
    extensions: ['csv', 'tsv', 'txt'],
    arrives: 'datasets.import',
    is: (seen) => named(seen, /\.(csv|tsv|txt)$/i) && !isPart(seen)
  },
  images: {
    called: 'CIFAR or MNIST',
    comesAs: 'the archive, its folder or its files',
    extensions: ['tar', 'gz', 'tgz', 'bin'],
    arrives: 'datasets.import',
    is: (seen) =>
      isPart(seen) || holds(seen, isKnownName) || named(seen, /\.(tar|tgz)$/i) || (seen.start[0] === 0x1f && seen.start[1] === 0x8b)
  },
  arrays: {
    called: 'arrays of samples',
    comesAs: '.npz with x and y',
    extensions: ['npz'],
    arrives: 'datasets.import',
    is: (seen) => named(seen, /\.npz$/i) || (!seen.isFolder && holds(seen, (base) => base.endsWith('.npy')))
  }
} satisfies Record<string, KindEntry>

export type OpenKind = keyof typeof openKinds
const kinds: Readonly<Record<OpenKind, KindEntry>> = openKinds
const kindNames = Object.keys(openKinds) as OpenKind[]

/** Endings without dots, each once: of everything, or of what one method takes. */
export const extensionsOf = (arrives?: KindEntry['arrives']): string[] => [
  ...new Set(kindNames.flatMap((kind) => (arrives === undefined || kinds[kind].arrives === arrives ? kinds[kind].extensions : [])))
]

/** What is known, for a sentence. */
export const whatIsKnown = () => kindNames.map((kind) => `${kinds[kind].called} (${kinds[kind].comesAs})`).join(', ')

export type Recognized =
  /** `together`: one of several files that make a data set; those of one folder are one. */
  { readonly name: string; readonly kind: OpenKind; readonly together: boolean } | { readonly name: string; readonly why: string }

/** Enough for the header of a table. */
const startBytes = 4096

async function see(thing: Thing): Promise<Seen> {
  const { name, isFolder } = thing
  if (isFolder) return { name, isFolder, paths: await thing.list(), start: new Uint8Array(0) }
  const start = await thing.read(0, Math.min(startBytes, thing.bytes))
  const isZip = (start[0] === 0x50 && start[1] === 0x4b) || /\.(zip|saddlescope|npz)$/i.test(name)
  return { name, isFolder, paths: isZip ? (await readZipDirectory(thing)).map((entry) => entry.name) : null, start }
}

/** What a thing would be imported as, by its name and content; else one sentence why it is not. Never throws NpyError. */
export async function recognize(thing: Thing): Promise<Recognized> {
  const { name } = thing
  try {
    const seen = await see(thing)
    const kind = kindNames.find((one) => kinds[one].is(seen))
    if (kind === undefined) return { name, why: `${name} is nothing that can be opened here. What can be: ${whatIsKnown()}.` }
    const why = (await kinds[kind].fault?.(thing)) ?? null
    return why === null ? { name, kind, together: isPart(seen) } : { name, why }
  } catch (error) {
    if (error instanceof NpyError) return { name, why: error.message }
    throw error
  }
}
