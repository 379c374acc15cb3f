// Which backends go on with a run's bits: the recorded one, and versions of the embedded kernels (1 to 3) and of calls of a library (1, 2) for steps that have not changed between them.
import { expect, test } from 'vitest'
import { sameBits } from '../../../../src/shared/run/same-bits'
import type { OptimizerKind } from '../../../../src/shared/spec/schema'

const wasm = (version: number, build = 'f64x2', threads = 2) => ({
  kind: 'wasm',
  description: `WebAssembly kernels ${version} (${build})`,
  threads
})
const by = (optimizer: OptimizerKind, parameters: number | null = 565) => ({ optimizer, parameters })

test('versions 1 and 2 of the embedded kernels differ in least squares and in steps on large blocks alone', () => {
  expect(sameBits(by('sfn'), wasm(1), wasm(2))).toBe(true)
  expect(sameBits(by('adam', 5000), wasm(1), wasm(2))).toBe(true)
  for (const changed of [by('fd-newton'), by('sfn', 1000), by('damped-newton', 2785), by('levenberg-marquardt', null)]) {
    expect(sameBits(changed, wasm(1), wasm(2))).toBe(false)
    expect(sameBits(changed, wasm(2), wasm(2))).toBe(true)
  }
  expect(sameBits(by('sfn'), wasm(2), wasm(2, 'fused'))).toBe(false)
  expect(sameBits(by('sfn'), wasm(2), wasm(2, 'f64x2', 1))).toBe(false)
  expect(sameBits(by('sfn'), wasm(2), { ...wasm(2), kind: 'lapack' })).toBe(false)
})

test('version 3 differs from 2 in steps on blocks that are reduced in two stages, from 1 in what changed before as well', () => {
  expect(sameBits(by('sfn', 2499), wasm(2), wasm(3))).toBe(true)
  expect(sameBits(by('fd-newton', 5000), wasm(3), wasm(2))).toBe(true)
  expect(sameBits(by('adam', 5000), wasm(1), wasm(3))).toBe(true)
  for (const changed of [by('sfn', 2500), by('damped-newton', 5000), by('levenberg-marquardt', null)])
    expect(sameBits(changed, wasm(2), wasm(3))).toBe(false)
  for (const changed of [by('sfn', 1000), by('fd-newton')]) expect(sameBits(changed, wasm(1), wasm(3))).toBe(false)
  expect(sameBits(by('sfn'), wasm(3), wasm(4))).toBe(false)
})

test('calls 2 of a library differ from calls without a number in steps on blocks of 3,072 rows and more', () => {
  const calls = (suffix: string, library = 'OpenBLAS 0.3.34, Haswell (bundled), batched products', threads = 2) => ({
    kind: 'lapack',
    description: `${library}${suffix}`,
    threads
  })
  const [first, second] = [calls(''), calls(', calls 2')]
  expect(sameBits(by('sfn', 3071), first, second)).toBe(true)
  expect(sameBits(by('adam', 50_000), second, first)).toBe(true)
  for (const changed of [by('sfn', 3072), by('damped-newton', 5000), by('levenberg-marquardt', null)])
    expect(sameBits(changed, first, second)).toBe(false)
  expect(sameBits(by('sfn'), calls('', 'OpenBLAS 0.3.21, Zen (libopenblas.so.0)'), second)).toBe(false)
  expect(sameBits(by('sfn'), calls('', undefined, 1), second)).toBe(false)
  expect(sameBits(by('sfn'), second, calls(', calls 3'))).toBe(false)
})
