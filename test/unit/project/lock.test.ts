// The lock file's promises: every native dependency has its binary for every platform we support, and nothing points at a download address.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

interface LockedPackage {
  os?: string[]
  cpu?: string[]
  resolved?: string
  link?: boolean
  integrity?: string
  hasInstallScript?: boolean
  optionalDependencies?: Record<string, string>
}

const root = join(import.meta.dirname, '..', '..', '..')
const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: Record<string, LockedPackage> }
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { allowScripts: Record<string, boolean> }
const targets = ['linux', 'darwin', 'win32'].flatMap((os) => ['x64', 'arm64'].map((cpu) => ({ os, cpu })))

/** Packages whose optional dependencies are one binary a platform, and those binaries. */
const native = Object.entries(lock.packages).flatMap(([path, { optionalDependencies = {} }]) => {
  const binaries = Object.keys(optionalDependencies)
    .map((name) => lock.packages[`${path}/node_modules/${name}`] ?? lock.packages[`node_modules/${name}`])
    .filter((locked): locked is LockedPackage => locked?.os !== undefined && locked.cpu !== undefined)
  return binaries.length > 1 ? [{ path, binaries }] : []
})

describe('package-lock.json', () => {
  it('knows the native dependencies we expect to have', () => {
    const names = native.map(({ path }) => path.replace(/^.*node_modules\//, ''))
    expect(names).toContain('koffi')
    expect(names).toContain('rolldown')
    expect(names).toContain('oxlint')
  })

  it.each(native)('$path has a binary for linux, darwin and win32 on x64 and arm64', ({ binaries }) => {
    for (const { os, cpu } of targets)
      expect(
        binaries.some((binary) => binary.os?.includes(os) && binary.cpu?.includes(cpu)),
        `${os} ${cpu}`
      ).toBe(true)
  })

  it('carries checksums and no download addresses', () => {
    for (const [path, locked] of Object.entries(lock.packages)) {
      expect(locked.resolved, path).toBeUndefined()
      if (path !== '' && !locked.link) expect(locked.integrity, path).toMatch(/^sha512-/)
    }
  })

  it('has no install script that was not decided on', () => {
    for (const [path, { hasInstallScript }] of Object.entries(lock.packages))
      if (hasInstallScript && !path.includes('fsevents'))
        expect(manifest.allowScripts).toHaveProperty(path.replace(/^.*node_modules\//, ''))
  })
})
