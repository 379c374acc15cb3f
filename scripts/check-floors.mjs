// The house rules that a linter does not know: imports point down only, between floors and between rooms, no files import each other in a circle, and a few APIs are banned for safety. Fails the build when broken.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, posix, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

/** What each floor may import besides itself (see docs/architecture.md). */
export const mayImport = {
  shared: [],
  engine: ['shared'],
  store: ['shared', 'engine'],
  'engine-process': ['shared', 'engine', 'store'],
  workbench: ['shared', 'engine', 'store', 'engine-process'],
  cli: ['shared', 'engine', 'store', 'engine-process', 'workbench', 'server'],
  server: ['shared', 'engine', 'store', 'engine-process', 'workbench'],
  main: ['shared', 'workbench'],
  preload: ['shared'],
  renderer: ['shared']
}

/**
 * The rooms of a floor (or of a room), from the ground up: each imports only rooms of lines above its own. Rooms of one line do not know each other.
 * A name is a folder or a file; what is not named stands on top.
 */
export const rooms = {
  'src/shared': [
    'npy csv expression format page-policy random',
    'spec',
    'model',
    'run datasets',
    'filter open-kinds analyses models',
    'studies exam',
    'api shell'
  ],
  'src/engine': [
    'linalg random',
    'data nn functions',
    'objective',
    'jets',
    'curvature',
    'objectives',
    'optimizers',
    'training',
    'analyses'
  ],
  'src/engine/linalg': [
    'matrix vectors cores',
    'interface',
    'core refusals batch',
    'passes pacer',
    'reflectors inverse-iteration stages',
    'routines',
    'backends',
    'front'
  ],
  'src/store': [
    'files',
    'workspace formats',
    'datasets run-folder',
    'snapshots metrics',
    'training-run run-index analyses',
    'transfer matrices studies exams',
    'models'
  ]
}

/** Packages that only some places may import. */
const packageHomes = [
  { package: /^electron(\/|$)/, homes: [/^src\/(main|preload)\//] },
  { package: /^mathjs(\/|$)/, homes: [/^src\/shared\/expression\//] },
  { package: /^koffi$/, homes: [/^src\/engine\/linalg\/backends\/lapack\//, /^bench\/memory\.ts$/] },
  { package: /^(reka-ui|@tanstack\/.*|@lucide\/vue)$/, homes: [/^src\/renderer\/ui\//] },
  { package: /^(echarts|vue-echarts)(\/|$)/, homes: [/^src\/renderer\/charts\//] },
  { package: /^vue(-router)?$/, homes: [/^src\/renderer\//] }
]
const builtInPure = /^src\/(shared|renderer)\//

const bannedText = [
  { pattern: /\bv-html\b/, why: 'v-html puts text into the page as HTML' },
  { pattern: /\.(inner|outer)HTML\s*=|insertAdjacentHTML/, why: 'innerHTML puts text into the page as HTML' },
  { pattern: /\bformatter:\s*['"`]/, why: 'an ECharts string formatter is put into the DOM as HTML' },
  { pattern: /\beval\(|new Function\(/, why: 'no input may execute code' }
]

/** The line of a room's list on which a name stands; behind the last for what is not named. */
function lineOf(list, path) {
  const name = path.split('/')[0].replace(/\.(ts|vue|mjs)$/, '')
  const line = list.findIndex((names) => names.split(' ').includes(name))
  return { name, line: line < 0 ? list.length : line }
}

/** One sentence for each room that an import leaves upwards or sideways. */
function roomProblems(file, target, name) {
  return Object.entries(rooms).flatMap(([folder, list]) => {
    if (!file.startsWith(`${folder}/`) || !target.startsWith(`${folder}/`)) return []
    const [from, to] = [file, target].map((path) => lineOf(list, path.slice(folder.length + 1)))
    if (from.name === to.name || to.line < from.line || (from.line === list.length && to.line === list.length)) return []
    return [`${file}: ${folder}/${from.name} may not import ${folder}/${to.name} (${name}); imports point down only`]
  })
}

/** Names of what a file imports, types included. */
function importsOf(file, text) {
  const script = file.endsWith('.vue') ? [...text.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].map((match) => match[1]).join('\n') : text
  return ts.preProcessFile(script, true, true).importedFiles.map((found) => found.fileName)
}

/** One sentence a broken rule; empty when the house is in order. */
export function floorProblems(file, text) {
  const problems = []
  const room = file.split('/')[1]
  for (const name of importsOf(file, text)) {
    if (name.startsWith('.')) {
      const target = posix.normalize(posix.join(posix.dirname(file), name))
      const targetRoom = target.split('/')[1]
      if (!target.startsWith('src/')) problems.push(`${file}: imports ${name}, which is outside src/`)
      else if (targetRoom !== room && !(mayImport[room] ?? []).includes(targetRoom))
        problems.push(`${file}: src/${room} may not import src/${targetRoom} (${name}); imports point down only`)
      else problems.push(...roomProblems(file, target, name))
    } else {
      for (const { package: pattern, homes } of packageHomes)
        if (pattern.test(name) && !homes.some((home) => home.test(file))) problems.push(`${file}: ${name} may not be imported here`)
      if (builtInPure.test(file) && name.startsWith('node:'))
        problems.push(`${file}: src/${room} runs in the page and may not import ${name}`)
    }
  }
  for (const { pattern, why } of bannedText) if (pattern.test(text)) problems.push(`${file}: ${why} (${pattern.source})`)
  return problems
}

/**
 * One sentence for each circle among `graph` (file → files it imports), which names its files in a round. Strongly connected components by Tarjan (1972).
 */
export function circleProblems(graph) {
  const problems = []
  const [index, low, stack, onStack] = [new Map(), new Map(), [], new Set()]
  const visit = (file) => {
    index.set(file, index.size)
    low.set(file, index.get(file))
    stack.push(file)
    onStack.add(file)
    for (const next of graph.get(file) ?? []) {
      if (!index.has(next)) visit(next)
      if (onStack.has(next)) low.set(file, Math.min(low.get(file), low.get(next)))
    }
    if (low.get(file) !== index.get(file)) return
    const circle = stack.splice(stack.indexOf(file))
    for (const one of circle) onStack.delete(one)
    if (circle.length > 1 || graph.get(file)?.has(file)) problems.push(`files import each other in a circle: ${circle.sort().join(', ')}`)
  }
  for (const file of graph.keys()) if (!index.has(file)) visit(file)
  return problems
}

function* sourceFiles(folder) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    if (statSync(path).isDirectory()) yield* sourceFiles(path)
    else if (/\.(ts|vue)$/.test(name)) yield path
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = dirname(dirname(fileURLToPath(import.meta.url)))
  const texts = new Map(
    ['src', 'bench']
      .flatMap((folder) => [...sourceFiles(join(root, folder))])
      .map((path) => [relative(root, path).split(sep).join('/'), readFileSync(path, 'utf8')])
  )
  const found = (file, name) => {
    const target = posix.normalize(posix.join(posix.dirname(file), name))
    return [target, `${target}.ts`, `${target}/index.ts`].find((path) => texts.has(path))
  }
  const graph = new Map(
    [...texts].map(([file, text]) => [
      file,
      new Set(
        importsOf(file, text)
          .filter((name) => name.startsWith('.'))
          .flatMap((name) => found(file, name) ?? [])
      )
    ])
  )
  const problems = [
    ...[...texts].filter(([file]) => file.startsWith('src/')).flatMap(([file, text]) => floorProblems(file, text)),
    ...circleProblems(graph)
  ]
  for (const problem of problems) process.stderr.write(`${problem}\n`)
  process.exit(problems.length > 0 ? 1 : 0)
}
