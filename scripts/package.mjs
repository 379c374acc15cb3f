// `npm run package -- --dir|--deb|--linux|--win|--mac`: makes the installable app. Brings the packaging tools, and a Node new enough for them, at its first use.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { bringNode, bringTools } from '../packaging/bring-tools.mjs'
import { root } from './ensure-built.mjs'

try {
  const node = bringNode()
  bringTools(node)
  const { status } = spawnSync(node, [join(root, 'packaging', 'package-app.mjs'), ...process.argv.slice(2)], {
    cwd: root,
    stdio: 'inherit'
  })
  process.exitCode = status ?? 1
} catch (error) {
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
