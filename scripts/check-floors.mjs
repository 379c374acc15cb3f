// The house rules that a linter does not know: imports point down only, and a few APIs are banned for safety. Fails the build when broken.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, posix, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

/** What each room may import besides itself (see docs/architecture.md). */
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

/** Packages that only some places may import. */
const packageHomes = [
  { package: /^electron(\/|$)/, homes: [/^src\/(main|preload)\//] },
  { package: /^mathjs(\/|$)/, homes: [/^src\/shared\/expression\//] },
  { package: /^koffi$/, homes: [/^src\/engine\/linalg\/backends\/lapack\//] },
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

/** One sentence a broken rule; empty when the house is in order. */
export function floorProblems(file, text) {
  const problems = []
  const room = file.split('/')[1]
  const script = file.endsWith('.vue') ? [...text.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].map((match) => match[1]).join('\n') : text
  const imports = ts.preProcessFile(script, true, true).importedFiles.map((found) => found.fileName)
  for (const name of imports) {
    if (name.startsWith('.')) {
      const target = posix.normalize(posix.join(posix.dirname(file), name))
      const targetRoom = target.split('/')[1]
      if (!target.startsWith('src/')) problems.push(`${file}: imports ${name}, which is outside src/`)
      else if (targetRoom !== room && !(mayImport[room] ?? []).includes(targetRoom))
        problems.push(`${file}: src/${room} may not import src/${targetRoom} (${name}); imports point down only`)
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

function* sourceFiles(folder) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    if (statSync(path).isDirectory()) yield* sourceFiles(path)
    else if (/\.(ts|vue)$/.test(name)) yield path
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = dirname(dirname(fileURLToPath(import.meta.url)))
  const problems = [...sourceFiles(join(root, 'src'))].flatMap((path) =>
    floorProblems(relative(root, path).split(sep).join('/'), readFileSync(path, 'utf8'))
  )
  for (const problem of problems) process.stderr.write(`${problem}\n`)
  process.exit(problems.length > 0 ? 1 : 0)
}
