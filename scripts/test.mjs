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
let failed = false
let passedTests = 0
let failedTests = 0
const failures = []
for (const project of projects) {
  const report = join(folder, `${project}.json`)
  const child = spawnSync(
    process.execPath,
    [
      join('node_modules', 'vitest', 'vitest.mjs'),
      'run',
      '--project',
      project,
      '--reporter',
      'default',
      '--reporter',
      'json',
      '--outputFile.json',
      report,
      ...rest
    ],
    { cwd: root, stdio: 'inherit', env: { ...process.env, SADDLESCOPE_TEST_FOLDER: folder } }
  )
  let counts = { numPassedTests: 0, numFailedTests: 0 }
  try {
    counts = JSON.parse(readFileSync(report, 'utf8'))
  } catch {
    process.stderr.write(`${project}: vitest left no report\n`)
  }
  passedTests += counts.numPassedTests
  failedTests += counts.numFailedTests
  for (const file of counts.testResults ?? []) {
    const name = relative(root, file.name)
    const tests = file.assertionResults.filter((test) => test.status === 'failed')
    for (const test of tests) failures.push(`${name}: ${test.fullName}\n    ${(test.failureMessages[0] ?? '').split('\n')[0]}`)
    if (file.status === 'failed' && tests.length === 0) failures.push(`${name}: ${(file.message ?? '').split('\n')[0]}`)
  }
  if (counts.numPassedTests + counts.numFailedTests === 0 && rest.length === 0) {
    process.stderr.write(`${project}: no test was run\n`)
    failed = true
  }
  if (child.status !== 0) failed = true
}
rmSync(folder, { recursive: true, force: true })
// Once more at the end, where a long log is read first.
for (const failure of failures) process.stdout.write(`\nfailed: ${failure}\n`)
process.stdout.write(`\n${passedTests} passed, ${failedTests} failed\n`)
process.exit(failed ? 1 : 0)
