// The docs against the build: commands and options in them are those of the real --help (and the other way round), files and pictures they name exist.
import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { presetNames } from '../../src/shared/spec/preset-list'

const root = join(import.meta.dirname, '..', '..')
const program = join(root, 'out', 'main', 'cli.js')
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`)
]
const textOf = (page: string) => readFileSync(join(root, page), 'utf8')

interface CommandHelp {
  readonly options: ReadonlySet<string>
  readonly subcommands: readonly string[]
}
/** By words: "run", "datasets import"; "" is the program itself. */
const help = new Map<string, CommandHelp>()

async function readHelp(words: readonly string[]): Promise<void> {
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...words, '--help'], { encoding: 'utf8' })
  const section = (title: string) => stdout.split(`${title}:\n`)[1]?.split('\n\n')[0] ?? ''
  const options = new Set([...section('Options').matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, option]) => option))
  const subcommands = [...section('Commands').matchAll(/^ {2}(\w[\w-]*)/gm)].map(([, name]) => name).filter((name) => name !== 'help')
  help.set(words.join(' '), { options, subcommands })
  await Promise.all(subcommands.map((name) => readHelp([...words, name])))
}
beforeAll(() => readHelp([]))

/** Every piece of code on a page: lines of its fenced blocks, and spans in its text. A span may run over a line's end. */
function codeOf(text: string): string[] {
  const fenced = [...text.matchAll(/^```\w*\n([\s\S]*?)^```/gm)].flatMap(([, block]) => block.split('\n'))
  const spans = [...text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/`([^`]+)`/g)].map(([, span]) => span.replace(/\s+/g, ' '))
  return [...fenced, ...spans].map((line) => line.replace(/\s#.*$/, '').trim()).filter((line) => line !== '')
}

interface Call {
  readonly page: string
  readonly line: string
  readonly words: readonly string[]
}

/** What follows `npm run -s cli --`, `npm run -s bench --` or `saddlescope`; on the command line's own page a command's name alone starts a call. */
function callsOf(page: string): Call[] {
  return codeOf(textOf(page)).flatMap((line) =>
    line.split(/\s(?:&&|>)\s/).flatMap((part): Call[] => {
      const found = /(?:npm run (?:-s )?(cli|bench) --|^saddlescope) +(.*)$/.exec(part)
      const rest = found ? `${found[1] === 'bench' ? 'bench ' : ''}${found[2]}` : page === 'docs/command-line.md' ? part : ''
      const words = rest.split(/\s+/)
      return found || (help.get('')?.subcommands.includes(words[0]) ?? false) ? [{ page, line, words }] : []
    })
  )
}

/** The command a call names, in as many words as the help knows. */
function commandOf({ words }: Call): string {
  const two = words.slice(0, 2).join(' ')
  return help.has(two) ? two : words[0]
}
const optionsOf = ({ line, words }: Call) =>
  [...(words.join(' ').match(/(?<![\w-])--[a-z][\w-]*/g) ?? [])].map((option) => ({ option, line }))

describe('commands in the docs', () => {
  test('exist, with the options they are given', () => {
    const calls = pages.flatMap(callsOf)
    expect(calls.length).toBeGreaterThan(40)
    const wrong = calls.flatMap((call) => {
      const name = commandOf(call)
      const known = help.get(name)
      if (name.startsWith('--')) return help.get('')?.options.has(name) ? [] : [`${call.page}: ${call.line}: no such option`]
      if (/^[A-Z]+$/.test(name)) return []
      if (!known) return [`${call.page}: ${call.line}: no such command`]
      return optionsOf(call).flatMap(({ option, line }) =>
        known.options.has(option) ? [] : [`${call.page}: ${line}: ${name} has no ${option}`]
      )
    })
    expect(wrong).toEqual([])
  })

  test('are all there are: the page of the command line leaves out no command and no option', () => {
    const calls = callsOf('docs/command-line.md')
    const everywhere = new Set(['--help', '--version', '--debug', '--json', '--workspace', '--set'])
    const missing = [...help].flatMap(([name, { options }]) => {
      if (name === '') return []
      const said = calls.filter((call) => commandOf(call) === name)
      if (said.length === 0) return [name]
      const written = new Set(said.flatMap(optionsOf).map(({ option }) => option))
      return [...options].filter((option) => !written.has(option) && !everywhere.has(option)).map((option) => `${name} ${option}`)
    })
    expect(missing).toEqual([])
    for (const option of ['--debug', '--json', '--workspace', '--set']) expect(textOf('docs/command-line.md')).toContain(option)
  })

  test('name presets, benchmarks and npm scripts that exist', () => {
    const scripts = (JSON.parse(textOf('package.json')) as { scripts: Record<string, string> }).scripts
    const wrong: string[] = []
    for (const { page, line, words } of pages.flatMap(callsOf)) {
      if (words[0] === 'bench')
        for (const name of words.slice(1).filter((word) => /^[a-z][\w-]*$/.test(word)))
          if (!existsSync(join(root, 'bench', `${name}.ts`))) wrong.push(`${page}: ${line}: no benchmark ${name}`)
      if (words[0] === 'run' && /^[a-z][\w-]*$/.test(words[1] ?? '') && !presetNames.includes(words[1]))
        wrong.push(`${page}: ${line}: no preset ${words[1]}`)
    }
    for (const page of pages)
      for (const line of codeOf(textOf(page)))
        for (const [, name] of line.matchAll(/npm run (?:-s )?([\w:-]+)/g))
          if (!scripts[name]) wrong.push(`${page}: ${line}: no script ${name}`)
    expect(wrong).toEqual([])
  })
})

test('links, pictures, scripts and source files that the docs name exist', () => {
  const wrong = pages.flatMap((page) => {
    const text = textOf(page)
    const links = [...text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map(([, target]) => target).filter((target) => !/^https?:/.test(target))
    const paths = codeOf(text).flatMap((line) => line.match(/(?<![\w/.])(?:src|scripts|bench|test|docs|resources)\/[\w./-]*\w\/?/g) ?? [])
    return [
      ...links.filter((target) => !existsSync(join(root, dirname(page), target))).map((target) => `${page}: ${target}`),
      ...paths.filter((path) => !/NAME/.test(path) && !existsSync(join(root, path))).map((path) => `${page}: ${path}`)
    ]
  })
  expect(wrong).toEqual([])
})

test('every picture is shown on a page and made by a script', () => {
  const text = pages.map(textOf).join('\n')
  const scripts = readdirSync(join(root, 'scripts'))
    .filter((name) => name.endsWith('.mjs'))
    .map((name) => readFileSync(join(root, 'scripts', name), 'utf8'))
    .join('\n')
  for (const picture of readdirSync(join(root, 'docs', 'pictures'))) {
    expect(text, picture).toContain(`pictures/${picture}`)
    expect(scripts, picture).toMatch(new RegExp(`'${picture.replace('.', '\\.').replace('\\.png', '(\\.png)?')}'`))
  }
})

test('the page of the screens shows every state that the script takes, in both themes, and nothing else, below 7 MB', async () => {
  const module = pathToFileURL(join(root, 'scripts', 'scenes.mjs')).href
  const { states } = (await import(module)) as { states: readonly { name: string; shows: readonly unknown[] }[] }
  expect(states.length).toBeGreaterThan(50)
  expect(states.filter(({ shows }) => shows.length === 0)).toEqual([])
  const wanted = states.flatMap(({ name }) => [`${name}-dark.webp`, `${name}-light.webp`]).sort()
  const folder = join(root, 'docs', 'pictures', 'screens')
  expect(readdirSync(folder).sort()).toEqual(wanted)
  const shown = [...textOf('docs/screens.md').matchAll(/(?:src|srcset)="pictures\/screens\/([^"]+)"/g)].map(([, name]) => name)
  expect(shown.sort()).toEqual(wanted)
  expect(wanted.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)).toBeLessThan(7e6)
})
