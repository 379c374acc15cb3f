// Which native library is taken and how it is called: spellings of symbols, order of choice, where a fetched one is looked for, its age, its threads.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { probeLapack } from '../../../../src/engine/linalg/backends/lapack'
import { findBundled, packageRoot } from '../../../../src/engine/linalg/backends/lapack/bundled'
import { candidates } from '../../../../src/engine/linalg/backends/lapack/candidates'
import {
  broughtSince,
  computesWrongly,
  isBefore,
  newestRelease,
  releaseMonth
} from '../../../../src/engine/linalg/backends/lapack/releases'
import {
  finder,
  fortranSpellings,
  ownFortranSpellings,
  ownSpellings,
  wideSpellings
} from '../../../../src/engine/linalg/backends/lapack/symbols'
import { eigenThreads } from '../../../../src/engine/linalg/backends/lapack/threads'

const folder = mkdtempSync(join(tmpdir(), 'saddlescope-library-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('spellings', () => {
  /** A library with these symbols, which answers by its symbol's name. */
  const library = (...symbols: string[]) => ({
    func(name: string) {
      if (!symbols.includes(name)) throw new Error(`no ${name}`)
      return (() => name) as never
    }
  })
  const found = (spellings: readonly string[], ...handles: ReturnType<typeof library>[]) =>
    finder(handles as never)(spellings, 'void', [])?.() ?? null

  it.each([
    ['as Fortran compilers write it', 'dgemm_'],
    ['without the underscore', 'dgemm'],
    ['as SciPy has it built', 'scipy_dgemm_'],
    ['as SciPy has it built, without the underscore', 'scipy_dgemm'],
    ['as Accelerate writes its newer LAPACK', 'dgemm$NEWLAPACK']
  ])('finds a routine %s', (_, symbol) => {
    expect(found(fortranSpellings('dgemm'), library('dgetrf_', symbol))).toBe(symbol)
  })

  it('prefers the prefixed symbol where a library has both, and the newer LAPACK of Accelerate', () => {
    expect(found(fortranSpellings('dgemm'), library('dgemm_', 'scipy_dgemm_'))).toBe('scipy_dgemm_')
    expect(found(fortranSpellings('dgemm'), library('dgemm_', 'dgemm$NEWLAPACK'))).toBe('dgemm$NEWLAPACK')
  })

  it('looks through all files of a library, and never takes a routine with 64-bit integers for one with 32', () => {
    expect(found(fortranSpellings('dgemm'), library('dstedc_'), library('dgemm_'))).toBe('dgemm_')
    for (const wide of ['dgemm_64_', 'dgemm64_', 'dgemm_64', 'scipy_dgemm_64_', 'scipy_dgemm64_', 'scipy_dgemm_64']) {
      expect(wideSpellings('dgemm')).toContain(wide)
      expect(found(fortranSpellings('dgemm'), library(wide))).toBeNull()
    }
  })

  it('finds what OpenBLAS says of itself, with the prefix or without, apart from the twins that take references', () => {
    expect(found(ownSpellings('openblas_get_config'), library('scipy_openblas_get_config'))).toBe('scipy_openblas_get_config')
    expect(found(ownSpellings('openblas_set_num_threads'), library('openblas_set_num_threads'))).toBe('openblas_set_num_threads')
    expect(found(ownSpellings('openblas_set_num_threads'), library('scipy_openblas_set_num_threads_'))).toBeNull()
    expect(ownFortranSpellings('openblas_set_num_threads')).toEqual(['scipy_openblas_set_num_threads_', 'openblas_set_num_threads_'])
  })
})

describe('order of choice', () => {
  const bundled = { path: '/app/openblas/lib.so', version: '0.3.34.481.3' }
  const order = (platform: NodeJS.Platform, named?: string, there: typeof bundled | null = bundled) =>
    candidates({ platform, named, bundled: there }).map(({ source, name }) => `${source} ${name}`)

  it('is the named one alone; else the bundled one, on macOS behind Accelerate; else the system’s', () => {
    expect(order('linux', '/opt/x.so')).toEqual(['named /opt/x.so'])
    expect(order('linux').slice(0, 2)).toEqual(['bundled bundled', 'system libopenblas.so.0'])
    expect(order('win32').slice(0, 2)).toEqual(['bundled bundled', 'system libopenblas.dll'])
    expect(order('darwin').slice(0, 3)).toEqual([
      'system Accelerate',
      'bundled bundled',
      'system /opt/homebrew/opt/openblas/lib/libopenblas.dylib'
    ])
    expect(order('linux', undefined, null)[0]).toBe('system libopenblas.so.0')
    expect(order('linux', '')).toEqual(order('linux'))
    expect(candidates({ platform: 'linux', named: undefined, bundled })[0].files).toEqual([bundled.path])
  })

  it('goes on to the next one where the bundled one does not load, and to the embedded kernels where none does', () => {
    const path = join(folder, 'broken.so')
    writeFileSync(path, 'no library')
    const { tried, library } = probeLapack({
      candidates: candidates({ platform: 'linux', named: '', bundled: { path, version: '1' } }),
      all: true
    })
    expect(tried[0]).toMatchObject({ source: 'bundled', accepted: false })
    expect(tried.length).toBeGreaterThan(1)
    expect(library?.source ?? 'none').not.toBe('bundled')
    expect(probeLapack({ named: path }).library).toBeNull()
  })
})

describe('the library that came with Saddlescope', () => {
  let count = 0
  /** An installation: its own package.json and, in `at` (seen from the root), a library with its record. */
  function installation(root: string, at: string, record: Record<string, unknown> = {}): { start: string; path: string } {
    const base = join(folder, `installation-${count++}`)
    const start = join(base, root, 'out', 'main', 'chunks')
    mkdirSync(start, { recursive: true })
    writeFileSync(join(base, root, 'package.json'), JSON.stringify({ name: 'saddlescope' }))
    const place = join(base, root, at)
    mkdirSync(place, { recursive: true })
    writeFileSync(join(place, 'lib.so'), '')
    writeFileSync(join(place, 'openblas.json'), JSON.stringify({ system: 'linux-x64', version: '0.3.34.481.3', file: 'lib.so', ...record }))
    return { start, path: join(place, 'lib.so') }
  }
  const find = (start: string) => findBundled(start, 'linux', 'x64')

  it('is found in a checkout and beside the archive of a package', () => {
    for (const [root, at] of [
      ['checkout', 'openblas/linux-x64'],
      ['resources/app.asar', '../openblas']
    ]) {
      const { start, path } = installation(root, at)
      expect(find(start)).toEqual({ path, version: '0.3.34.481.3' })
    }
  })

  it('is not taken for another system, by a path that leaves its folder, or from a folder above the installation', () => {
    expect(find(installation('checkout', 'openblas/linux-x64', { system: 'linux-arm64' }).start)).toBeNull()
    expect(find(installation('checkout', 'openblas/linux-x64', { file: '../lib.so' }).start)).toBeNull()
    expect(find(installation('checkout', 'openblas/linux-x64', { file: 'absent.so' }).start)).toBeNull()
    expect(find(installation('checkout', '../openblas').start)).toBeNull()
    expect(find(installation('checkout', '../openblas/linux-x64').start)).toBeNull()
    expect(findBundled(folder, 'linux', 'x64')).toBeNull()
  })

  it('is looked for from this checkout’s own root', () => {
    expect(packageRoot()).toBe(process.cwd())
  })
})

describe('releases', () => {
  it('are compared by number, builds between releases counting from the earlier one', () => {
    expect(isBefore('0.3.9', '0.3.31')).toBe(true)
    expect(isBefore('0.3.31', '0.3.31')).toBe(false)
    expect(isBefore('0.3.30.443.1', '0.3.31')).toBe(true)
    expect(isBefore('0.3.34.481.3', '0.3.34')).toBe(false)
    expect(isBefore('0.4.0', '0.3.31')).toBe(false)
    expect(isBefore('0.2.20', '0.3.7')).toBe(true)
    expect(isBefore(null, '0.3.31')).toBe(false)
    expect(isBefore('unknown', '0.3.31')).toBe(false)
  })

  it('have their months, of builds that of the release they count from', () => {
    expect(releaseMonth('0.3.21')).toBe('2022-08')
    expect(releaseMonth('0.3.21.dev')).toBe('2022-08')
    expect(releaseMonth('0.3.34.481.3')).toBe('2026-07')
    expect(releaseMonth(newestRelease)).not.toBeNull()
    for (const unknown of ['0.3.99', '0.1', 'constructor', '']) expect(releaseMonth(unknown)).toBeNull()
  })

  it('0.3.30 alone computes wrongly', () => {
    expect(['0.3.30', '0.3.30.dev', '0.3.30.0.8'].every(computesWrongly)).toBe(true)
    expect([null, '0.3.3', '0.3.29', '0.3.31', '0.3.300'].some(computesWrongly)).toBe(false)
  })

  it('say what came later', () => {
    expect(broughtSince('0.3.21')).toHaveLength(3)
    expect(broughtSince('0.3.30')).toEqual([expect.stringContaining('1.3–1.8 × faster')])
    expect(broughtSince('0.3.31')).toEqual([])
    expect(broughtSince(null)).toEqual([])
  })
})

describe('threads for eigenproblems', () => {
  const old = { kind: 'OpenBLAS', version: '0.3.21' } as const
  it.each([
    [1, 64, 1],
    [999, 64, 1],
    [1000, 64, 2],
    [1999, 64, 2],
    [2000, 64, 4],
    [3999, 64, 4],
    [4000, 64, 64],
    [2500, 2, 2],
    [1500, 1, 1]
  ])('are capped in an older OpenBLAS: n = %i, %i asked for, %i taken', (order, asked, taken) => {
    expect(eigenThreads(old, order, asked)).toBe(taken)
  })

  it('are as asked in newer ones and in other libraries', () => {
    for (const library of [
      { kind: 'OpenBLAS', version: '0.3.31' },
      { kind: 'OpenBLAS', version: '0.3.34.481.3' },
      { kind: 'OpenBLAS', version: null },
      { kind: 'MKL', version: '2024.1' },
      { kind: 'Accelerate', version: null }
    ] as const)
      expect(eigenThreads(library, 100, 64)).toBe(64)
    expect(eigenThreads({ kind: 'OpenBLAS', version: '0.3.30.443.1' }, 100, 64)).toBe(1)
  })
})
