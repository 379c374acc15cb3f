// What packaging says in several places is said alike: file types, fuses, versions, pins. That a package holds what it should is checked on the package itself.
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fuses } from '../../../packaging/fuse-table.mjs'
import { appId, executableName, fileTypes } from '../../../packaging/names.mjs'

const root = join(import.meta.dirname, '..', '..', '..')
const read = (...path: string[]) => readFileSync(join(root, ...path), 'utf8')
const manifest = JSON.parse(read('package.json'))

describe('packaging', () => {
  it('names the same file types in the desktop entry, the MIME types, the metadata and the Windows installer', () => {
    const entry = read('packaging', 'linux', 'saddlescope.desktop')
    expect(/^MimeType=(.*);$/m.exec(entry)?.[1].split(';').sort()).toEqual(fileTypes.map(({ mimeType }) => mimeType).sort())
    expect(/^Exec=(.*)$/m.exec(entry)?.[1]).toBe(`${executableName} %F`)
    const mime = read('packaging', 'linux', 'saddlescope-mime.xml')
    const types = [...mime.matchAll(/<mime-type type="([^"]+)">([\s\S]*?)<\/mime-type>/g)].map(([, type, body]) => ({
      mimeType: type,
      extension: /<glob pattern="\*\.(\w+)"\/>/.exec(body)?.[1],
      name: /<comment>(.*)<\/comment>/.exec(body)?.[1]
    }))
    expect(types).toEqual(fileTypes.map(({ mimeType, extension, name }) => ({ mimeType, extension, name })))
    const metainfo = read('packaging', 'linux', 'metainfo.xml')
    const owned = fileTypes.filter(({ role }) => role === 'owner')
    expect([...metainfo.matchAll(/<mediatype>(.*)<\/mediatype>/g)].map(([, type]) => type)).toEqual(owned.map(({ mimeType }) => mimeType))
    expect([...metainfo.matchAll(/<binary>(.*)<\/binary>/g)].map(([, name]) => name)).toEqual(['saddlescope', executableName])
    const installer = read('packaging', 'windows', 'installer.nsh')
    for (const { extension } of fileTypes.filter(({ role }) => role === 'viewer'))
      expect(installer).toContain(`Software\\Classes\\.${extension}\\OpenWithProgids`)
    expect(appId).toMatch(/^\w+\.\w+\.Saddlescope$/)
  })

  it('offers only file types that the app opens', () => {
    const kinds = read('src', 'shared', 'open-kinds.ts')
    const known = [...kinds.matchAll(/extensions: \[(.*)\]/g)].flatMap(([, list]) => [...list.matchAll(/'(\w+)'/g)].map(([, one]) => one))
    expect(known).toEqual(expect.arrayContaining(fileTypes.map(({ extension }) => extension)))
  })

  it('documents each fuse with its state', () => {
    const rows = [...read('docs', 'packaging.md').matchAll(/^\| (\w+) \| (on|off|on for macOS and Windows) \| .+ \|$/gm)]
    const documented = Object.fromEntries(rows.map(([, name, state]) => [name, state]))
    const state = ({ on }: (typeof fuses)[number]) =>
      on('linux') ? 'on' : on('darwin') && on('win32') ? 'on for macOS and Windows' : 'off'
    expect(documented).toEqual(Object.fromEntries(fuses.map((fuse) => [fuse.name, state(fuse)])))
    expect(documented).toMatchObject({ RunAsNode: 'on', EnableNodeOptionsEnvironmentVariable: 'off', EnableNodeCliInspectArguments: 'off' })
  })

  it('keeps its tools out of the product and its lock files free of addresses', () => {
    const tools = Object.keys(JSON.parse(read('packaging', 'package.json')).dependencies)
    expect(tools).toContain('electron-builder')
    for (const tool of tools) expect(manifest.devDependencies[tool] ?? manifest.dependencies[tool], tool).toBeUndefined()
    for (const folder of [['packaging'], ['packaging', 'node']]) {
      const { packages } = JSON.parse(read(...folder, 'package-lock.json'))
      const entries = Object.entries(packages as Record<string, { resolved?: string; integrity?: string; link?: boolean }>)
      expect(entries.length).toBeGreaterThan(1)
      for (const [path, entry] of entries.filter(([name]) => name !== '')) {
        expect(entry.resolved, path).toBeUndefined()
        expect(entry.integrity, path).toMatch(/^sha512-/)
      }
    }
  })

  it('pins the actions of its workflow by commit and lets it read only', () => {
    for (const name of readdirSync(join(root, '.github', 'workflows'))) {
      const workflow = read('.github', 'workflows', name)
      const uses = [...workflow.matchAll(/uses: (\S+)(.*)$/gm)]
      expect(uses.length).toBeGreaterThan(0)
      for (const [, action, rest] of uses) {
        expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/)
        expect(rest).toMatch(/^ # v\d+\.\d+\.\d+$/)
      }
      expect(/^permissions:\n((?: {2}.*\n)+)/m.exec(workflow)?.[1]).toBe('  contents: read\n')
      expect(workflow).not.toMatch(/secrets\./)
    }
  })

  it('names files of the present version in the README', () => {
    const names = [...read('README.md').matchAll(/saddlescope[-_](\d+\.\d+\.\d+)[-_.]/g)].map(([, version]) => version)
    expect(names.length).toBeGreaterThanOrEqual(4)
    expect(new Set(names)).toEqual(new Set([manifest.version]))
  })
})
