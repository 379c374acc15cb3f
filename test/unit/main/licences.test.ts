// The licences that About shows: the file of a package, else those of the packages that a checkout depends on.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { licenceText } from '../../../src/main/licences'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'saddlescope-licences-'))
  writeFileSync(join(folder, 'LICENSE'), 'our own words')
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ dependencies: { one: '^1', bare: '^2', gone: '^3' } }))
  for (const [name, text] of [
    ['one', 'words of one'],
    ['bare', null]
  ] as const) {
    mkdirSync(join(folder, 'node_modules', name), { recursive: true })
    writeFileSync(join(folder, 'node_modules', name, 'package.json'), JSON.stringify({ name, version: '1.2.3', license: 'MIT' }))
    if (text !== null) writeFileSync(join(folder, 'node_modules', name, 'LICENCE-MIT.txt'), text)
  }
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('of a checkout name each package with its text, and what has none', async () => {
  const text = await licenceText(join(folder, 'THIRD-PARTY.txt'), folder, '/opt/electron/electron')
  expect(text).toContain('our own words')
  expect(text).toContain('one 1.2.3 (MIT)\n\nwords of one')
  expect(text).toContain('bare 1.2.3 (MIT)\n\nThe package has no licence text of its own.')
  expect(text).toContain('No licence text was found for: gone.')
  expect(text).toContain('LICENSES.chromium.html in /opt/electron.')
})
test('of a package are the file that packaging wrote', async () => {
  writeFileSync(join(folder, 'THIRD-PARTY.txt'), 'all of it')
  const text = await licenceText(join(folder, 'THIRD-PARTY.txt'), folder, '/opt/electron/electron')
  expect(text).toContain('our own words')
  expect(text).toContain('all of it')
  expect(text).not.toContain('words of one')
})
