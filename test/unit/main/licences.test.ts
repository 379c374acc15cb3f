// The licences that About shows: our own, and the file that packaging or the build wrote of everything else.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { licenceText } from '../../../src/main/licences'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'saddlescope-licences-'))
  writeFileSync(join(folder, 'LICENSE'), 'our own words')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))
const shown = () => licenceText(join(folder, 'THIRD-PARTY.txt'), folder, '/opt/electron/electron')

test('of a checkout are those that the build wrote', async () => {
  mkdirSync(join(folder, 'out'))
  writeFileSync(join(folder, 'out', 'THIRD-PARTY.txt'), 'what the build has inside')
  const text = await shown()
  expect(text).toContain('our own words')
  expect(text).toContain('what the build has inside')
  expect(text).toContain('LICENSES.chromium.html in /opt/electron.')
})
test('of a package are the file that packaging wrote', async () => {
  writeFileSync(join(folder, 'THIRD-PARTY.txt'), 'all of it')
  expect(await shown()).toContain('all of it')
})
test('that are missing are said to be', async () => {
  rmSync(join(folder, 'LICENSE'))
  const text = await shown()
  expect(text).toContain('LICENSE, is not where it should be')
  expect(text).toContain('THIRD-PARTY.txt, are not where they should be')
})
