// `npm run test:python`: builds the wheel of the Python companion into dist/python/, installs it into a fresh environment, checks its types and runs its
// tests against the built product. Needs python3 with pip and venv. Prints `N passed, N failed` last; a suite that ran no test fails.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureBuilt, root } from './ensure-built.mjs'

await ensureBuilt()
const folder = mkdtempSync(join(tmpdir(), 'saddlescope-python-'))
const source = join(folder, 'python')
const wheels = join(root, 'dist', 'python')
const report = join(folder, 'report.xml')
const bin = join(folder, 'venv', process.platform === 'win32' ? 'Scripts' : 'bin')

function run(command, args, environment = {}) {
  const { status, error } = spawnSync(command, args, { cwd: source, stdio: 'inherit', env: { ...process.env, ...environment } })
  if (error) process.stderr.write(`${command}: ${error.message}\n`)
  return status === 0
}

/** Numbers of a JUnit report; all zero where there is none. */
function counts() {
  let text = ''
  try {
    text = readFileSync(report, 'utf8')
  } catch {
    process.stderr.write('pytest left no report\n')
  }
  const number = (name) => Number(new RegExp(`<testsuite [^>]*${name}="(\\d+)"`).exec(text)?.[1] ?? 0)
  const failed = number('failures') + number('errors')
  return { passed: number('tests') - failed - number('skipped'), failed }
}

try {
  // A copy: building leaves its traces beside the sources.
  cpSync(join(root, 'python'), source, { recursive: true, filter: (path) => !/__pycache__|\.egg-info|[\\/]build$/.test(path) })
  rmSync(wheels, { recursive: true, force: true })
  mkdirSync(wheels, { recursive: true })
  const python = process.platform === 'win32' ? 'python' : 'python3'
  const pip = join(bin, 'pip')
  const ready =
    run(python, ['-m', 'venv', join(folder, 'venv')]) &&
    run(pip, ['wheel', '--quiet', '--no-deps', '--wheel-dir', wheels, source]) &&
    run(pip, ['install', '--quiet', ...readdirSync(wheels).map((name) => `${join(wheels, name)}[test]`)])
  const typed = ready && run(join(bin, 'mypy'), [])
  // The installed package is tested, not the sources beside the tests.
  const tested =
    ready &&
    run(join(bin, 'pytest'), ['-q', '--junit-xml', report, 'tests'], {
      SADDLESCOPE_COMMAND: `"${process.execPath}" "${join(root, 'out', 'main', 'cli.js')}"`
    })
  const { passed, failed } = counts()
  process.stdout.write(`\n${passed} passed, ${failed + (typed ? 0 : 1)} failed\n`)
  process.exitCode = typed && tested && passed > 0 ? 0 : 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
