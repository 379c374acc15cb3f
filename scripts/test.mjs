// Runs the named vitest projects on the built product and prints `N passed, N failed` last; a suite that ran no test fails.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { ensureBuilt, root } from './ensure-built.mjs'

const known = ['unit', 'integration', 'long', 'e2e', 'electron', 'product']
const words = process.argv.slice(2)
const projects = words.filter((word) => known.includes(word))
const rest = words.filter((word) => !known.includes(word))

await ensureBuilt()
const folder = mkdtempSync(join(tmpdir(), 'saddlescope-test-'))
const report = join(folder, 'report.json')
// All suites in one go: the short tests of one fill the time that a long file of another takes.
const { status } = spawnSync(
  process.execPath,
  [
    join('node_modules', 'vitest', 'vitest.mjs'),
    'run',
    ...projects.flatMap((project) => ['--project', project]),
    ...['default', 'json'].flatMap((reporter) => ['--reporter', reporter]),
    '--outputFile.json',
    report,
    ...rest
  ],
  { cwd: root, stdio: 'inherit', env: { ...process.env, SADDLESCOPE_TEST_FOLDER: folder } }
)
let failed = status !== 0
let results = { numPassedTests: 0, numFailedTests: 0, testResults: [] }
try {
  results = JSON.parse(readFileSync(report, 'utf8'))
} catch {
  process.stderr.write('vitest left no report\n')
  failed = true
}
const failures = []
const ran = new Set()
for (const file of results.testResults) {
  const name = relative(root, file.name)
  const tests = file.assertionResults.filter((test) => test.status === 'failed')
  for (const test of tests) failures.push(`${name}: ${test.fullName}\n    ${(test.failureMessages[0] ?? '').split('\n')[0]}`)
  if (file.status === 'failed' && tests.length === 0) failures.push(`${name}: ${(file.message ?? '').split('\n')[0]}`)
  if (file.assertionResults.some((test) => test.status === 'passed' || test.status === 'failed')) ran.add(name.split(/[/\\]/)[1])
}
for (const project of rest.length > 0 ? [] : projects) {
  if (ran.has(project)) continue
  process.stderr.write(`${project}: no test was run\n`)
  failed = true
}
rmSync(folder, { recursive: true, force: true })
// Once more at the end, where a long log is read first.
for (const failure of failures) process.stdout.write(`\nfailed: ${failure}\n`)
process.stdout.write(`\n${results.numPassedTests} passed, ${results.numFailedTests} failed\n`)
process.exit(failed ? 1 : 0)
