// Where the workspace is, what ids are, and what is said when it cannot be written.
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isId, openWorkspace, realFileSystem, slug, workspaceLocation } from '../../../../src/store'
import { faultyFileSystem, systemError } from '../faulty-file-system'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saddlescope-workspace-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('location', () => {
  const base = { home: '/home/ada', platform: 'linux' as const, environment: {} }
  it('is the option, else the variable, else the user-data folder', () => {
    expect(workspaceLocation({ ...base, option: '/w', environment: { SADDLESCOPE_WORKSPACE: '/v' } })).toBe('/w')
    expect(workspaceLocation({ ...base, environment: { SADDLESCOPE_WORKSPACE: '/v' } })).toBe('/v')
    expect(workspaceLocation(base)).toBe('/home/ada/.config/Saddlescope/workspace')
    expect(workspaceLocation({ ...base, environment: { XDG_CONFIG_HOME: '/x' } })).toBe('/x/Saddlescope/workspace')
    expect(workspaceLocation({ ...base, platform: 'darwin' })).toBe('/home/ada/Library/Application Support/Saddlescope/workspace')
    expect(workspaceLocation({ ...base, platform: 'win32', environment: { APPDATA: '/a' } })).toBe('/a/Saddlescope/workspace')
  })
})

describe('opening', () => {
  it('makes what is missing, as often as it likes', async () => {
    await openWorkspace(join(folder, 'a', 'b'))
    await openWorkspace(join(folder, 'a', 'b'))
    expect(await realFileSystem.list(join(folder, 'a', 'b'))).toEqual(['comparisons', 'datasets', 'runs', 'trash'])
  })

  it('says in one sentence why it cannot', async () => {
    await writeFile(join(folder, 'file'), '')
    await expect(openWorkspace(join(folder, 'file', 'w'))).rejects.toThrow(
      /^the workspace .*file\/w cannot be written: .*; choose another with --workspace or SADDLESCOPE_WORKSPACE$/
    )
    const readOnly = faultyFileSystem(realFileSystem, { before: (what) => (what.startsWith('open') ? systemError('EROFS') : 'go') })
    await expect(openWorkspace(folder, readOnly)).rejects.toThrow(/cannot be written: the file system is read-only \(EROFS\)/)
    // Root may write anywhere: the real thing is tested where tests run as somebody else.
    await mkdir(join(folder, 'locked'))
    await chmod(join(folder, 'locked'), 0o555)
    if (process.getuid?.() !== 0) await expect(openWorkspace(join(folder, 'locked'))).rejects.toThrow(/permission denied/)
  })
})

describe('ids', () => {
  it.each(['a', '0', 'sfn-mnist10', 'a'.repeat(64)])('%s is one', (id) => expect(isId(id)).toBe(true))
  it.each(['', '-a', 'A', 'a_b', 'a.b', 'con', 'lpt1', 'nul', 'a'.repeat(65), '../a', 'ä'])('%s is none', (id) =>
    expect(isId(id)).toBe(false)
  )
  it('come from names', () => {
    expect(slug('SFN on CIFAR-100!')).toBe('sfn-on-cifar-100')
    expect(slug('Größe')).toBe('gro-e')
    expect(slug('CON')).toBe('run-con')
    expect(slug('…')).toBe('run')
    expect(isId(slug('x'.repeat(300)))).toBe(true)
  })
})
