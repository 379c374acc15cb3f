// CITATION.cff says what package.json says.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '..', '..', '..')

it('CITATION.cff names the version, the licence and the authors of the package', () => {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string; license: string }
  const citation = readFileSync(join(root, 'CITATION.cff'), 'utf8')
  const value = (key: string) => new RegExp(`^${key}: (.*)$`, 'm').exec(citation)?.[1]
  expect(value('cff-version')).toBe('1.2.0')
  expect(value('version')).toBe(manifest.version)
  expect(value('license')).toBe(manifest.license)
  const holder = /Copyright \(c\) \d+ (.*)/.exec(readFileSync(join(root, 'LICENSE'), 'utf8'))?.[1]
  expect(citation).toContain(`- name: ${holder}`)
})
