// Fetching OpenBLAS: what is taken from a wheel, that only the pinned bytes are used, and that a folder is whole or untouched.
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zipSync, strToU8 } from 'fflate'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fetchOpenblas, pinned, unpackWheel, type WheelPins } from '../../../scripts/fetch-openblas.mjs'
import { findBundled } from '../../../src/engine/linalg'
import { isBefore, newestRelease, releaseMonth } from '../../../src/engine/linalg/backends/lapack/releases'

const licence = strToU8('BSD … Copyright (c) 2011-2014, The OpenBLAS Project')
const files = {
  'scipy_openblas32/__init__.py': strToU8('import ctypes'),
  'scipy_openblas32/include/cblas.h': strToU8('int x;'),
  'scipy_openblas32/lib/libscipy_openblas.so': strToU8('the library'),
  'scipy_openblas32/lib/libgfortran-040039e1.so.5.0.0': strToU8('needed beside it'),
  'scipy_openblas32/lib/libscipy_openblas.lib': strToU8('for linkers'),
  'scipy_openblas32/lib/pkgconfig/scipy-openblas.pc': strToU8('for builders'),
  'scipy_openblas32-1.dist-info/METADATA': strToU8('Name: scipy-openblas32'),
  'scipy_openblas32-1.dist-info/licenses/LICENSE.txt': licence
}
const wheel = zipSync(files)
const without = (name: string) => zipSync(Object.fromEntries(Object.entries(files).filter(([path]) => !path.endsWith(name))))
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

function pinsOf(bytes: Uint8Array, more = {}): WheelPins {
  const pin = { tags: ['manylinux'], wheel: 'made.whl', sha256: sha256(bytes), library: 'libscipy_openblas.so', ...more }
  return { package: 'scipy-openblas32', version: '0.3.34.0.0', systems: { 'linux-x64': pin } }
}

let folder = ''
let into = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'saddlescope-fetch-'))
  into = join(folder, 'openblas', 'linux-x64')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const fetched = (bytes: Uint8Array, pins = pinsOf(bytes)) =>
  fetchOpenblas({ platform: 'linux', arch: 'x64', into, pins, download: () => bytes })

describe('a wheel', () => {
  it('gives its libraries and licences, and nothing else', () => {
    const { libraries, licences } = unpackWheel(wheel, 'libscipy_openblas.so')
    expect(Object.keys(libraries).sort()).toEqual(['libgfortran-040039e1.so.5.0.0', 'libscipy_openblas.so'])
    expect(Object.keys(licences)).toEqual(['LICENSE.txt'])
    expect(Buffer.from(libraries['libscipy_openblas.so']).toString()).toBe('the library')
  })

  it('without the library is refused by name', () => {
    expect(() => unpackWheel(wheel, 'other.dll')).toThrow('the wheel has no other.dll among its libraries')
  })

  it('cannot write outside of its folder', () => {
    const { libraries } = unpackWheel(zipSync({ 'x/lib/../../../evil.so': strToU8('x'), 'x/lib/a.so': strToU8('a') }), 'a.so')
    expect(Object.keys(libraries).every((name) => !name.includes('/'))).toBe(true)
  })
})

describe('fetching', () => {
  it('leaves library, licences and record, which the loader finds', async () => {
    const record = await fetched(wheel)
    expect(readdirSync(into).sort()).toEqual(['LICENSE.txt', 'libgfortran-040039e1.so.5.0.0', 'libscipy_openblas.so', 'openblas.json'])
    expect(JSON.parse(readFileSync(join(into, 'openblas.json'), 'utf8'))).toEqual({
      system: 'linux-x64',
      version: '0.3.34.0.0',
      file: 'libscipy_openblas.so',
      wheel: 'made.whl',
      sha256: sha256(wheel),
      librarySha256: sha256(strToU8('the library')),
      licences: ['LICENSE.txt']
    })
    expect(record.fetched).toBe(true)
    writeFileSync(join(folder, 'package.json'), '{"name": "saddlescope"}')
    expect(findBundled(folder, 'linux', 'x64')).toEqual({ path: join(into, 'libscipy_openblas.so'), version: '0.3.34.0.0' })
  })

  it('does nothing the second time, and mends a folder that was damaged', async () => {
    await fetched(wheel)
    let downloads = 0
    const again = () => fetchOpenblas({ platform: 'linux', arch: 'x64', into, pins: pinsOf(wheel), download: () => (downloads++, wheel) })
    expect((await again()).fetched).toBe(false)
    expect(downloads).toBe(0)
    writeFileSync(join(into, 'libscipy_openblas.so'), 'torn')
    expect((await again()).fetched).toBe(true)
    expect(downloads).toBe(1)
    expect(readFileSync(join(into, 'libscipy_openblas.so'), 'utf8')).toBe('the library')
  })

  it('refuses bytes that are not the pinned ones, and leaves what was there', async () => {
    await fetched(wheel)
    const other = zipSync({ ...files, 'scipy_openblas32/lib/libscipy_openblas.so': strToU8('another') })
    const newer = { ...pinsOf(wheel), version: '0.3.35.0.0' }
    await expect(fetched(other, newer)).rejects.toThrow(`made.whl has SHA-256 ${sha256(other)}, but ${sha256(wheel)} is pinned`)
    expect(readFileSync(join(into, 'libscipy_openblas.so'), 'utf8')).toBe('the library')
    expect(readdirSync(join(folder, 'openblas'))).toEqual(['linux-x64'])
  })

  it('refuses a wheel without OpenBLAS’s licence, unless another wheel’s is named', async () => {
    const bare = without('LICENSE.txt')
    await expect(fetched(bare)).rejects.toThrow('do not hold OpenBLAS’s licence'.replace('’', "'"))
    expect(existsSync(into)).toBe(false)
    const pins = pinsOf(bare, { licencesOf: 'win32-x64' })
    const both = { ...pins, systems: { ...pins.systems, 'win32-x64': pinsOf(wheel).systems['linux-x64'] } }
    const download = (_: WheelPins, pin: { sha256: string }) => (pin.sha256 === sha256(bare) ? bare : wheel)
    const record = await fetchOpenblas({ platform: 'linux', arch: 'x64', into, pins: both, download })
    expect(record.licences).toEqual(['win32-x64-LICENSE.txt'])
  })

  it('says for which systems there is none, and passes on why a download failed', async () => {
    await expect(fetchOpenblas({ platform: 'aix', arch: 'ppc64', into })).rejects.toThrow(
      'there is no OpenBLAS wheel for aix-ppc64; there are linux-x64'
    )
    const download = () => Promise.reject(new Error('pip could not download it'))
    await expect(fetchOpenblas({ platform: 'linux', arch: 'x64', into, pins: pinsOf(wheel), download })).rejects.toThrow(
      'pip could not download it'
    )
    expect(existsSync(into)).toBe(false)
  })
})

describe('without a Python that has pip', () => {
  const variable = 'SADDLESCOPE_PYTHON'
  const saved = process.env[variable]
  afterEach(() => {
    if (saved === undefined) delete process.env[variable]
    else process.env[variable] = saved
  })

  it('says in one sentence what is needed', async () => {
    process.env[variable] = join(folder, 'no-python')
    const failed = fetchOpenblas({ platform: 'linux', arch: 'x64', into })
    await expect(failed).rejects.toThrow(`there is no Python with pip here (${join(folder, 'no-python')}): install python3 and pip`)
    expect(existsSync(into)).toBe(false)
  })
})

describe('the pins', () => {
  it('are one version, the newest release known, for the six systems', () => {
    expect(Object.keys(pinned.systems).sort()).toEqual([
      'darwin-arm64',
      'darwin-x64',
      'linux-arm64',
      'linux-x64',
      'win32-arm64',
      'win32-x64'
    ])
    expect(isBefore(pinned.version, newestRelease)).toBe(false)
    expect(releaseMonth(pinned.version)).not.toBeNull()
    for (const { wheel: name, sha256: hash } of Object.values(pinned.systems)) {
      expect(name).toContain(`scipy_openblas32-${pinned.version}-`)
      expect(hash).toMatch(/^[0-9a-f]{64}$/)
    }
  })
})
