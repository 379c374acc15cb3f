// The accelerator's own business: which libraries are tried and refused, and why; how values become pointers; what happens to a native call that is left.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LinalgError, openLinalg } from '../../../../src/engine/linalg'
import { lapackOver, probeLapack } from '../../../../src/engine/linalg/backends/lapack'
import { checkLibrary } from '../../../../src/engine/linalg/backends/lapack/check'
import type { Library } from '../../../../src/engine/linalg/backends/lapack/library'
import { marshal, prototype } from '../../../../src/engine/linalg/backends/lapack/signatures'
import { openFront } from '../../../../src/engine/linalg/front'
import { randomSymmetric } from '../../../reference/linalg/gallery'
import { plainBackend } from '../../../reference/linalg/plain'

const variables = ['SADDLESCOPE_BACKEND', 'SADDLESCOPE_LAPACK'] as const
let saved: (string | undefined)[] = []
let folder = ''
beforeEach(() => {
  saved = variables.map((name) => process.env[name])
  for (const name of variables) delete process.env[name]
  folder = mkdtempSync(join(tmpdir(), 'saddlescope-lapack-'))
})
afterEach(() => {
  variables.forEach((name, at) => {
    if (saved[at] === undefined) delete process.env[name]
    else process.env[name] = saved[at]
  })
  rmSync(folder, { recursive: true, force: true })
})

function broken(): string {
  const path = join(folder, 'libbroken.so')
  writeFileSync(path, 'this is no library')
  return path
}

describe('choosing a backend', () => {
  it('falls back to the embedded kernels when the named library is broken', async () => {
    process.env.SADDLESCOPE_LAPACK = broken()
    const linalg = await openLinalg({ threads: 1 })
    expect(linalg.info.kind).toBe('wasm')
    await linalg.dispose()
  })

  it('refuses to open lapack with a broken or absent library, and says what was tried and why', async () => {
    process.env.SADDLESCOPE_BACKEND = 'lapack'
    for (const path of [broken(), join(folder, 'absent.so')]) {
      process.env.SADDLESCOPE_LAPACK = path
      const error = await openLinalg({ threads: 1 }).catch((reason: unknown) => reason)
      expect(error).toBeInstanceOf(LinalgError)
      expect(error).toMatchObject({ code: 'backend', message: expect.stringContaining(path) })
    }
  })

  it('obeys SADDLESCOPE_BACKEND, an explicit choice before it, and refuses other words', async () => {
    process.env.SADDLESCOPE_BACKEND = 'wasm'
    const linalg = await openLinalg({ threads: 1 })
    expect(linalg.info).toMatchObject({ kind: 'wasm', threads: 1 })
    await linalg.dispose()
    process.env.SADDLESCOPE_BACKEND = 'cuda'
    await expect(openLinalg()).rejects.toThrow('SADDLESCOPE_BACKEND must be wasm, wasm-256, wasm-256-fma, lapack or auto, got "cuda"')
    const explicit = await openLinalg({ backend: 'wasm', threads: 1 })
    await explicit.dispose()
  })
})

describe('accepting a library', () => {
  const standard =
    process.platform === 'win32' ? 'kernel32.dll' : process.platform === 'darwin' ? '/usr/lib/libSystem.B.dylib' : 'libm.so.6'

  it('refuses a library without the routines by the name of the first one missing', () => {
    const { tried, library } = probeLapack({ candidates: [{ name: 'not LAPACK', files: [standard], source: 'system' }] })
    expect(library).toBeNull()
    expect(tried).toEqual([{ name: 'not LAPACK', files: [standard], source: 'system', accepted: false, detail: 'it has no routine dgemm' }])
  })

  const { library } = probeLapack({ acceptReference: true })
  const neverCalled = (): never => {
    throw new Error('orders of this test take one stage')
  }
  const found = it.skipIf(library === null)

  found('accepts a library that computes rightly, and refuses one that is slightly wrong in any routine', () => {
    const right = library as Library
    expect(() => checkLibrary(right)).not.toThrow()
    for (const [name, place] of [
      ['dgemm', 11],
      ['dpotrf', 2],
      ['dtrsm', 9],
      ['dsytrd', 4],
      ['dstedc', 4],
      ['dormtr', 8]
    ] as const) {
      const wrong: Library = {
        ...right,
        callNow(routine, ...values) {
          const info = right.callNow(routine, ...values)
          const result = values[place]
          if (routine === name && result instanceof Float64Array) result[result.length > 48 ? 3 * 49 : 7] += 1e-6
          return info
        }
      }
      expect(() => checkLibrary(wrong), name).toThrow(/gave a wrong result/)
      const silent: Library = { ...right, callNow: (routine, ...values) => (routine === name ? 0 : right.callNow(routine, ...values)) }
      expect(() => checkLibrary(silent), `${name} doing nothing`).toThrow(/gave a wrong result/)
    }
  })

  found('hands out zero-copy results of a cancelled call’s successor only after the cancelled one has ended', async () => {
    const linalg = openFront(lapackOver({ ...plainBackend(), chaseSweeps: neverCalled, applySweeps: neverCalled }, library as Library, 1))
    const controller = new AbortController()
    const fractions: number[] = []
    const a = randomSymmetric(900, 5)
    // The tridiagonalization is 2/7 of the flops: beyond it, divide and conquer is one call on private memory.
    const call = linalg.eigenSymmetric(a, {
      signal: controller.signal,
      onProgress(fraction) {
        fractions.push(fraction)
        if (fraction > 0.28) setTimeout(() => controller.abort(new Error('left')), 1)
      }
    })
    await expect(call).rejects.toThrow('left')
    const next = await linalg.eigenvalues(randomSymmetric(60, 6))
    expect(next).toHaveLength(60)
    await linalg.dispose()
    await expect(linalg.eigenvalues(a)).rejects.toMatchObject({ code: 'backend' })
  })
})

describe('marshalling', () => {
  it('passes everything by reference and appends the lengths of characters', () => {
    expect(prototype('dpotrf')).toEqual(['str', 'int *', 'double *', 'int *', 'int *', 'size_t'])
    const a = new Float64Array(4)
    const { values, info } = marshal('dpotrf', ['U', 2, a, 2])
    expect(values).toEqual(['U', Int32Array.of(2), a, Int32Array.of(2), info, 1])
  })

  it('refuses values of the wrong kind or number, which would corrupt memory', () => {
    expect(() => marshal('dpotrf', ['U', 2.5, new Float64Array(4), 2])).toThrow('dpotrf: argument 2 must be of kind i')
    expect(() => marshal('dpotrf', ['U', 2, new Int32Array(4), 2])).toThrow('argument 3')
    expect(() => marshal('dpotrf', ['U', 2, new Float64Array(4)])).toThrow('dpotrf takes 4 arguments, got 3')
    expect(() => marshal('dpotrf', ['U', 2 ** 31, new Float64Array(4), 2])).toThrow('argument 2')
  })
})
