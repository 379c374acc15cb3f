// What doctor says of a native library: whose it is, how old, what is wrong with it, what to do.
import { describe, expect, it } from 'vitest'
import { ago, libraryRows, type LibrarySituation } from '../../../src/engine-process/doctor-library'

const debian = { kind: 'OpenBLAS', version: '0.3.21', core: 'SkylakeX', source: 'system', file: 'libopenblas.so.0' } as const

const situation = (more: Partial<LibrarySituation> = {}): LibrarySituation => ({
  library: debian,
  none: null,
  wanted: true,
  checkout: true,
  bundled: false,
  avx2: true,
  now: new Date('2026-11-26T00:00:00Z'),
  ...more
})
const rows = (more: Partial<LibrarySituation> = {}) => Object.fromEntries(libraryRows(situation(more)).map((row) => [row.name, row]))

describe('the library in use', () => {
  it('is told with its source, file and age, for programs too', () => {
    expect(rows()['linear algebra library']).toEqual({
      name: 'linear algebra library',
      value: 'OpenBLAS 0.3.21, of the system (libopenblas.so.0), released 2022-08, 4 years ago',
      ok: true,
      facts: { source: 'system', kind: 'OpenBLAS', version: '0.3.21', released: '2022-08', file: 'libopenblas.so.0', core: 'SkylakeX' }
    })
  })

  it('of a build between releases is dated by the earlier one', () => {
    const library = { ...debian, version: '0.3.34.481.3', source: 'bundled', file: '/app/lib.so' } as const
    expect(rows({ library })['linear algebra library'].value).toBe(
      'OpenBLAS 0.3.34.481.3, came with Saddlescope (/app/lib.so), a build after 0.3.34, which was released 2026-07, 4 months ago'
    )
  })

  it.each([
    ['2026-11', 'this month'],
    ['2026-10', '1 month ago'],
    ['2025-12', '11 months ago'],
    ['2024-12', '23 months ago'],
    ['2024-11', '2 years ago'],
    ['2027-01', 'this month']
  ])('is dated: %s was %s', (month, words) => {
    expect(ago(month, new Date('2026-11-30T23:00:00Z'))).toBe(words)
  })

  it('is told to fall back to old kernels on a processor that it does not know, and only then', () => {
    const value = (core: string, avx2: boolean | null) => rows({ library: { ...debian, core }, avx2 })['linear algebra library'].value
    expect(value('Prescott', true)).toContain('uses its Prescott kernels')
    for (const [core, avx2] of [
      ['SkylakeX', true],
      ['Prescott', false],
      ['Prescott', null]
    ] as const)
      expect(value(core, avx2)).not.toContain('kernels')
  })

  it('may be the embedded kernels, with the reason', () => {
    const found = rows({ library: null, none: 'no native library can be used (a: b)' })
    expect(found['linear algebra library']).toMatchObject({ ok: true, facts: { source: 'embedded', version: null } })
    expect(found['linear algebra library'].value).toContain('no native library can be used (a: b)')
    expect(found['newer library'].value).toContain('npm run fetch-openblas')
    expect(rows({ library: null, none: 'asked for', wanted: false })['newer library']).toBeUndefined()
  })
})

describe('advice', () => {
  it('names what a newer one brings and how to get it, by how this copy was installed', () => {
    expect(rows()['newer library'].value).toMatch(/^OpenBLAS 0\.3\.34 \(2026-07\): .*1\.3–1\.8 × faster.*`npm run fetch-openblas`/)
    expect(rows({ checkout: false })['newer library'].value).not.toContain('npm run')
    const named = rows({ library: { ...debian, source: 'named' }, bundled: true })
    expect(named['newer library'].value).toContain('unset SADDLESCOPE_LAPACK')
  })

  it('is silent for the newest, and for libraries of others', () => {
    const newest = { ...debian, version: '0.3.34.481.3', source: 'bundled' } as const
    expect(Object.keys(rows({ library: newest, bundled: true }))).toEqual(['linear algebra library'])
    const accelerate = { ...debian, kind: 'Accelerate', version: null, core: null } as const
    expect(Object.keys(rows({ library: accelerate }))).toEqual(['linear algebra library'])
    expect(rows({ library: accelerate })['linear algebra library'].value).toBe('Accelerate, of the system (libopenblas.so.0)')
  })

  it('warns of 0.3.30 as a fault, and says where the threads are capped', () => {
    const wrong = rows({ library: { ...debian, version: '0.3.30' } })
    expect(wrong['wrong products']).toMatchObject({ ok: false })
    expect(rows()['wrong products']).toBeUndefined()
    expect(rows()['threads of the library']).toMatchObject({ ok: true })
    expect(rows()['threads of the library'].value).toContain('1 below n = 1000, 2 below n = 2000, 4 below n = 4000')
  })
})
