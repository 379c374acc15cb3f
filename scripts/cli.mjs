// `npm run -s cli -- ARGS`: builds what is stale, then runs the command line in this process.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { ensureBuilt, root } from './ensure-built.mjs'

try {
  await ensureBuilt()
} catch (error) {
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
}
createRequire(import.meta.url)(join(root, 'out', 'main', 'cli.js'))
