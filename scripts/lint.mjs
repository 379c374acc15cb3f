// All static checks that are not types: oxlint, exports that no product path calls (what waits for a caller carries the tag @awaited), the house rules, the format.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { root } from './ensure-built.mjs'

const node = process.execPath
const checks = [
  ['oxlint', [join('node_modules', 'oxlint', 'bin', 'oxlint'), '--deny-warnings']],
  ['unused exports', [join('node_modules', 'knip', 'bin', 'knip.js'), '--production', '--include', 'exports,files,duplicates']],
  ['house rules', [join('scripts', 'check-floors.mjs')]],
  ['format', [join('node_modules', 'oxfmt', 'bin', 'oxfmt'), '--check']]
]
let failed = false
for (const [name, args] of checks) {
  const { status } = spawnSync(node, args, { cwd: root, stdio: 'inherit' })
  if (status !== 0) {
    process.stderr.write(`lint: ${name} failed\n`)
    failed = true
  }
}
process.exit(failed ? 1 : 0)
