// Paths that a person opened are looked at on the disk: what is there decides, and what is wrong with a path is its answer.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatNpy, zipParts } from '../../../../src/shared/npy'
import { realFileSystem } from '../../../../src/store/files'
import { recognizePath } from '../../../../src/store/transfer'

let folder: string
const at = (...parts: string[]) => join(folder, ...parts)
const write = (content: string | Uint8Array, ...parts: string[]) => {
  mkdirSync(at(...parts.slice(0, -1)), { recursive: true })
  writeFileSync(at(...parts), content)
}
const look = (path: string) => recognizePath(realFileSystem, path)

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'saddlescope-recognize-'))
  write('{}', 'run', 'spec.json')
  write('x', 'cifar', 'cifar-100-binary', 'train.bin')
  write('x', 'pictures', 'a.jpg')
  for (const name of ['runs', 'comparisons', 'datasets', 'trash']) mkdirSync(at('workspace', name), { recursive: true })
  write(formatNpy({ shape: [2, 2], data: new Float64Array(4) }), 'h.npy')
  write(Buffer.concat([...zipParts([{ name: 'spec.json', parts: [new TextEncoder().encode('{}')] }])]), 'run.saddlescope')
  symlinkSync(at('h.npy'), at('link.npy'))
  symlinkSync(at('nowhere'), at('dead.npy'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('a path', () => {
  it('is what lies there, with its size', async () => {
    expect(await look(at('run'))).toEqual({ name: 'run', kind: 'run', together: false, bytes: 0 })
    expect(await look(at('cifar'))).toMatchObject({ kind: 'images', together: false })
    expect(await look(at('cifar', 'cifar-100-binary', 'train.bin'))).toMatchObject({ kind: 'images', together: true, bytes: 1 })
    expect(await look(at('h.npy'))).toEqual({ name: 'h.npy', kind: 'matrix', together: false, bytes: 160 })
    expect(await look(at('link.npy'))).toMatchObject({ name: 'link.npy', kind: 'matrix' })
    expect(await look(at('run.saddlescope'))).toMatchObject({ kind: 'run' })
  })

  it.each([
    ['h.npy', /^"h\.npy" is no absolute path$/],
    ['../../etc/passwd', /is no absolute path$/]
  ])('%s is refused: it does not begin at the root', async (path, why) => {
    expect(await look(path)).toMatchObject({ why: expect.stringMatching(why) as string, bytes: 0 })
  })

  it('that leads nowhere, to a folder of something else, to a workspace or to no file is refused with a sentence', async () => {
    const why = async (path: string) => {
      const found = await look(path)
      return 'why' in found ? found.why : null
    }
    expect(await why(at('none.npy'))).toBe(`${at('none.npy')}: there is no such file or folder`)
    expect(await why(at('dead.npy'))).toMatch(/no such file or folder/)
    expect(await why(at('h.npy', 'x'))).toMatch(/no such file or folder/)
    expect(await why(`${at('h.npy')}\0.csv`)).toMatch(/is no absolute path/)
    expect(await why(at('pictures'))).toMatch(/^pictures is nothing that can be opened here\. What can be: a run/)
    expect(await why(at('workspace'))).toMatch(/^workspace is a workspace/)
    if (process.platform !== 'win32') {
      execFileSync('mkfifo', [at('pipe.csv')])
      expect(await why(at('pipe.csv'))).toMatch(/is neither a file nor a folder/)
    }
  })
})
