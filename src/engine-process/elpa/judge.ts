// A spectrum from elsewhere held against the matrix it is of: one pass over the file for its checksum, sums and products with the returned vectors.
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { spectrumChecks } from '../../engine/curvature/checks'
import { matrix, type Linalg, type Matrix } from '../../engine/linalg'
import { bytesOf } from '../../shared/npy'
import { StorageError, translating, type FileSystem } from '../../store'
import { names, type About } from './documents'
import type { Watch } from './source'

/** Of every check, relative. */
export const checkLimit = 1e-10
/** Numbers of the matrix read at a time. */
const atOnce = 1 << 22

export interface Solution {
  /** All, ascending. */
  readonly values: Float64Array
  /** k × n, a vector a row, by ascending place. */
  readonly vectors: Matrix
  /** Places of the vectors among the values. */
  readonly indices: readonly number[]
}

export interface Judged {
  readonly trace: number
  readonly frobenius: number
  /** max ‖Av − λv‖ / max|λ|. */
  readonly residual: number
  /** max |VᵀV − I|. */
  readonly orthogonality: number
}

async function readRaw(fileSystem: FileSystem, path: string, count: number): Promise<Float64Array> {
  const info = await translating(`read ${path}`, () => fileSystem.info(path))
  if (info?.kind !== 'file') throw new StorageError('bad-input', `${path}: is missing; the driver writes it`)
  if (info.bytes !== 8 * count)
    throw new StorageError('bad-input', `${path}: has ${info.bytes} bytes, must have ${8 * count} (${count} numbers in float64)`)
  const values = new Float64Array(count)
  const bytes = bytesOf(values)
  const file = await translating(`read ${path}`, () => fileSystem.open(path, 'read'))
  try {
    const read = await translating(`read ${path}`, () => file.read(bytes, 0))
    if (read !== bytes.length) throw new StorageError('bad-input', `${path}: ends after ${read} of ${bytes.length} bytes`)
  } finally {
    await file.close()
  }
  const bad = values.findIndex((value) => !Number.isFinite(value))
  if (bad !== -1) throw new StorageError('bad-input', `${path}: number ${bad} is ${values[bad]}, must be finite`)
  return values
}

/** What the driver wrote: sizes, finiteness and order are checked. Throws `bad-input`. */
export async function readSolution(fileSystem: FileSystem, folder: string, { n, vectors: each }: About): Promise<Solution> {
  const path = join(folder, names.eigenvalues)
  const values = await readRaw(fileSystem, path, n)
  for (let k = 1; k < n; k++)
    if (values[k] < values[k - 1])
      throw new StorageError(
        'bad-input',
        `${path}: eigenvalue ${k} is ${values[k]}, smaller than the one before it (${values[k - 1]}); they must ascend`
      )
  const given = await readRaw(fileSystem, join(folder, names.eigenvectors), 2 * each * n)
  // The largest come in descending order.
  const indices = Array.from({ length: 2 * each }, (_, k) => (k < each ? k : n - 2 * each + k))
  const vectors = matrix(2 * each, n)
  for (let k = 0; k < 2 * each; k++) {
    const from = k < each ? k : 3 * each - 1 - k
    vectors.data.set(given.subarray(from * n, (from + 1) * n), k * n)
  }
  return { values, vectors, indices }
}

/** Throws `bad-input` naming the check with its figure and what is allowed, or the checksum. */
export async function judge(
  fileSystem: FileSystem,
  folder: string,
  about: About,
  { values, vectors, indices }: Solution,
  linalg: Linalg,
  watch: Watch
): Promise<Judged> {
  const { n } = about
  const { signal, onProgress } = watch
  const path = join(folder, names.matrix)
  const info = await translating(`read ${path}`, () => fileSystem.info(path))
  if (info?.bytes !== 8 * n * n)
    throw new StorageError(
      'bad-input',
      `${path}: ${info ? `has ${info.bytes} bytes` : 'is missing'}, must have the ${8 * n * n} that were exported: a spectrum is checked against its matrix`
    )
  const k = indices.length
  const squares = new Float64Array(k)
  const scale = Math.max(Math.abs(values[0]), Math.abs(values[n - 1]))
  const hash = createHash('sha256')
  const atATime = Math.min(n, Math.max(1, Math.floor(atOnce / n)))
  const panel = linalg.allocate(atATime * n)
  const file = await translating(`read ${path}`, () => fileSystem.open(path, 'read'))
  try {
    const bytes = new Uint8Array(8 * atATime * n)
    const products = matrix(atATime, k)
    for (let first = 0; first < n; first += atATime) {
      signal?.throwIfAborted()
      const rows = Math.min(atATime, n - first)
      const part = bytes.subarray(0, 8 * rows * n)
      const read = await translating(`read ${path}`, () => file.read(part, 8 * first * n))
      if (read !== part.length) throw new StorageError('bad-input', `${path}: ends after ${8 * first * n + read} bytes`)
      hash.update(part)
      panel.set(new Float64Array(part.buffer, 0, rows * n))
      const product = { ...products, rows }
      await linalg.gemm({ data: panel, rows, columns: n, offset: 0, stride: n }, vectors, product, { transposeB: 'transpose', signal })
      for (let r = 0; r < rows; r++)
        for (let c = 0; c < k; c++) {
          const gap = (product.data[r * k + c] - values[indices[c]] * vectors.data[c * n + first + r]) / (scale || 1)
          squares[c] += gap * gap
        }
      onProgress?.((first + rows) / n)
    }
  } finally {
    await file.close()
    linalg.release(panel)
  }
  const sha256 = hash.digest('hex')
  if (sha256 !== about.sha256)
    throw new StorageError(
      'bad-input',
      `${path}: is not the matrix that was exported (its SHA-256 begins ${sha256.slice(0, 12)}, ${names.about} says ${about.sha256.slice(0, 12)}); export it again and solve that`
    )
  const gram = matrix(k, k)
  await linalg.syrk(vectors, gram, { signal })
  let orthogonality = 0
  for (let r = 0; r < k; r++)
    for (let c = 0; c < k; c++) orthogonality = Math.max(orthogonality, Math.abs(gram.data[r * k + c] - (r === c ? 1 : 0)))
  const worst = squares.reduce((most, value, c) => (value > squares[most] ? c : most), 0)
  const residual = Math.sqrt(squares[worst])
  const { trace, frobenius } = spectrumChecks({ trace: about.trace, squares: { scale: 1, sum: about.squares } }, values)
  const judged = { trace: trace ?? 0, frobenius: frobenius ?? 0, residual, orthogonality }
  const said: Readonly<Record<keyof Judged, string>> = {
    residual: `${names.eigenvectors}: ‖Av − λv‖ of eigenvalue ${indices[worst]} is #·max|λ|`,
    orthogonality: `${names.eigenvectors}: max |VᵀV − I| is #`,
    trace: `${names.eigenvalues}: their sum is # of Σ|λ| away from the trace of the matrix`,
    frobenius: `${names.eigenvalues}: the sum of their squares is # away from ‖A‖², relative`
  }
  for (const name of ['residual', 'orthogonality', 'trace', 'frobenius'] as const)
    if (!(judged[name] <= checkLimit))
      throw new StorageError(
        'bad-input',
        `${folder}: ${said[name].replace('#', judged[name].toExponential(1))}; at most ${checkLimit} is taken`
      )
  return judged
}
