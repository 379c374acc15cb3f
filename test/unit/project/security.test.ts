// The table of docs/security.md against the tests, and the few rules of the shell that are seen in its sources.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '..', '..', '..')
const table = readFileSync(join(root, 'docs', 'security.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('|') && line.includes('.test.ts`: '))
const named = [
  ...new Set(
    table.flatMap((line) =>
      [...line.matchAll(/`(test\/[\w/-]+\.test\.ts)`: (.+?)(?= · `test\/| \|)/g)].map(([, file, title]) => `${file}: ${title}`)
    )
  )
].map((text) => text.split(/: (.*)/s) as [string, string])

describe('the security table', () => {
  test('has the twenty items of the checklist, in order', () => {
    const numbers = readFileSync(join(root, 'docs', 'security.md'), 'utf8').match(/^\| \d+ \|/gm)
    expect(numbers).toEqual(Array.from({ length: 20 }, (_, i) => `| ${i + 1} |`))
    expect(named.length).toBeGreaterThan(18)
  })
  test.each(named)('%s has the test "%s"', (file, title) => {
    expect(existsSync(join(root, file))).toBe(true)
    const titles = [...readFileSync(join(root, file), 'utf8').matchAll(/\b(?:it|test)(?:\.each\([\w]+\))?\(\s*(['"`])(.*?)\1,/g)].map(
      ([, , text]) => text
    )
    // Where the title carries what is tried, the rest of it must be there.
    expect(titles.some((one) => one.replace(/^(%s|\$\w+:?) /, '') === title)).toBe(true)
  })
})

describe('the shell', () => {
  const sources = readdirSync(join(root, 'src', 'main')).map(
    (name) => [name, readFileSync(join(root, 'src', 'main', name), 'utf8')] as const
  )
  const filesWith = (pattern: RegExp) => sources.filter(([, text]) => pattern.test(text)).map(([name]) => name)

  test('leaves the app in one place', () =>
    expect(filesWith(/shell\.openExternal|\bopenExternal\b.*from 'electron'/)).toEqual(['external.ts']))
  test('listens to pages in one place', () => expect(filesWith(/\bipcMain\b/)).toEqual(['ipc.ts']))
  test('makes every window with the preferences of the page', () => {
    const made = sources.flatMap(([, text]) => [...text.matchAll(/new BrowserWindow\(/g)])
    const confined = sources.flatMap(([, text]) => [...text.matchAll(/webPreferences: pagePreferences\b/g)])
    expect(made.length).toBeGreaterThan(0)
    expect(confined).toHaveLength(made.length)
    const preferences =
      sources
        .find(([name]) => name === 'confine.ts')?.[1]
        .split('pagePreferences')[1]
        .split('}')[0] ?? ''
    for (const line of [
      'sandbox: true',
      'contextIsolation: true',
      'nodeIntegration: false',
      'nodeIntegrationInWorker: false',
      'nodeIntegrationInSubFrames: false',
      'webSecurity: true',
      'allowRunningInsecureContent: false',
      'webviewTag: false',
      'navigateOnDragDrop: false',
      'spellcheck: false'
    ])
      expect(preferences).toContain(line)
  })
  test('pins Electron exactly', () => {
    const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { devDependencies: Record<string, string> }
    expect(devDependencies.electron).toMatch(/^\d+\.\d+\.\d+$/)
    expect(Number(devDependencies.electron.split('.')[0])).toBeGreaterThanOrEqual(45)
  })
})
