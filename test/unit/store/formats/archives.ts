// Makes archives for tests: CIFAR in both layouts with made-up pixels, tar files with any header.
import { gzipSync } from 'node:zlib'
import { array2, dictionary2, integer, list2, program, string2 } from './pickle-writer'

export interface TarEntry {
  readonly name: string
  readonly bytes?: Uint8Array
  /** '0' file, '5' folder, '1' hard link, '2' symbolic link, '3' device. */
  readonly type?: string
  readonly link?: string
  /** A size that lies. */
  readonly size?: number
  /** A checksum that lies. */
  readonly checksum?: number
}

/** A ustar archive, byte by byte (POSIX.1-1988), so that headers can lie. */
export function tar(entries: readonly TarEntry[], end = true): Buffer {
  const blocks: Buffer[] = []
  for (const entry of entries) {
    const bytes = entry.bytes ?? new Uint8Array(0)
    const header = Buffer.alloc(512)
    header.write(entry.name, 0, 100, 'latin1')
    header.write('0000644\0', 100)
    header.write('0000000\0', 108)
    header.write('0000000\0', 116)
    header.write(`${(entry.size ?? bytes.length).toString(8).padStart(11, '0')}\0`, 124)
    header.write('00000000000\0', 136)
    header.fill(' ', 148, 156)
    header.write(entry.type ?? '0', 156)
    header.write(entry.link ?? '', 157, 100, 'latin1')
    header.write('ustar\u000000', 257, 'latin1')
    const sum = entry.checksum ?? header.reduce((total, byte) => total + byte, 0)
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
    blocks.push(header, Buffer.from(bytes), Buffer.alloc((512 - (bytes.length % 512)) % 512))
  }
  if (end) blocks.push(Buffer.alloc(1024))
  return Buffer.concat(blocks)
}

export const tarGz = (entries: readonly TarEntry[]) => gzipSync(tar(entries))

export interface MadeSamples {
  readonly count: number
  readonly x: Uint8Array
  readonly fine: readonly number[]
  readonly coarse: readonly number[]
}

/** Samples with pixels from a simple rule and labels that are no multiples of each other. */
export function madeSamples(count: number, classes: number, seed: number): MadeSamples {
  let state = seed >>> 0
  const next = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 8
  return {
    count,
    x: Uint8Array.from({ length: count * 3072 }, () => next() & 255),
    fine: Array.from({ length: count }, () => next() % classes),
    coarse: Array.from({ length: count }, () => next() % 20)
  }
}

const names = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => `${prefix}_${i}`)

function batchPickle(samples: MadeSamples, fineKey: string, coarse: boolean): Buffer {
  return program(
    dictionary2([
      ['filenames', list2(samples.fine.map((_, i) => string2(`image_${i}.png`)))],
      ['batch_label', string2('made up')],
      [fineKey, list2(samples.fine.map(integer))],
      ...(coarse ? ([['coarse_labels', list2(samples.coarse.map(integer))]] as const) : []),
      ['data', array2([samples.count, 3072], 'u1', samples.x)]
    ])
  )
}

function batchBinary(samples: MadeSamples, coarse: boolean): Buffer {
  return Buffer.concat(
    samples.fine.flatMap((label, i) => [
      Buffer.from(coarse ? [samples.coarse[i], label] : [label]),
      samples.x.subarray(i * 3072, (i + 1) * 3072)
    ])
  )
}

/** CIFAR-100's files in both layouts. */
export function cifar100Files(train: MadeSamples, test: MadeSamples): { python: Record<string, Buffer>; binary: Record<string, Buffer> } {
  const meta = dictionary2([
    ['fine_label_names', list2(names('fine', 100).map(string2))],
    ['coarse_label_names', list2(names('coarse', 20).map(string2))]
  ])
  return {
    python: { meta: program(meta), train: batchPickle(train, 'fine_labels', true), test: batchPickle(test, 'fine_labels', true) },
    binary: {
      'fine_label_names.txt': Buffer.from(`${names('fine', 100).join('\n')}\n`),
      'coarse_label_names.txt': Buffer.from(`${names('coarse', 20).join('\n')}\n`),
      'train.bin': batchBinary(train, true),
      'test.bin': batchBinary(test, true)
    }
  }
}

/** CIFAR-10's files in both layouts, one entry a training batch. */
export function cifar10Files(
  batches: readonly MadeSamples[],
  test: MadeSamples
): { python: Record<string, Buffer>; binary: Record<string, Buffer> } {
  const numbered = (suffix: string, write: (samples: MadeSamples) => Buffer) =>
    Object.fromEntries(batches.map((samples, i) => [`data_batch_${i + 1}${suffix}`, write(samples)]))
  const python = (samples: MadeSamples) => batchPickle(samples, 'labels', false)
  const binary = (samples: MadeSamples) => batchBinary(samples, false)
  return {
    python: {
      ...numbered('', python),
      test_batch: python(test),
      'batches.meta': program(dictionary2([['label_names', list2(names('class', 10).map(string2))]]))
    },
    binary: {
      ...numbered('.bin', binary),
      'test_batch.bin': binary(test),
      'batches.meta.txt': Buffer.from(`${names('class', 10).join('\n')}\n\n`)
    }
  }
}

export const entriesOf = (files: Readonly<Record<string, Uint8Array>>, folder = 'made-up'): TarEntry[] => [
  { name: `${folder}/`, type: '5' },
  ...Object.entries(files).map(([name, bytes]) => ({ name: `${folder}/${name}`, bytes }))
]

/** An IDX file of unsigned bytes. */
export function idx(shape: readonly number[], data: Uint8Array): Buffer {
  const header = Buffer.alloc(4 + 4 * shape.length)
  header[2] = 8
  header[3] = shape.length
  shape.forEach((length, axis) => header.writeUInt32BE(length, 4 + 4 * axis))
  return Buffer.concat([header, data])
}

/** The four files of a made-up MNIST with `side` × `side` pixels. */
export function idxFiles(train: number, test: number, side = 4): Record<string, Buffer> {
  const images = (count: number, step: number) =>
    idx(
      [count, side, side],
      Uint8Array.from({ length: count * side * side }, (_, i) => (i * step) % 256)
    )
  const labels = (count: number) =>
    idx(
      [count],
      Uint8Array.from({ length: count }, (_, i) => (i * 3) % 10)
    )
  return {
    'train-images-idx3-ubyte': images(train, 5),
    'train-labels-idx1-ubyte': labels(train),
    't10k-images-idx3-ubyte': images(test, 11),
    't10k-labels-idx1-ubyte': labels(test)
  }
}
