// Builds the product when its inputs have changed since the last build; costs a few milliseconds when they have not.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))
const inputs = [
  'src',
  'bench',
  'resources',
  'scripts/build.mjs',
  'scripts/licences.mjs',
  'electron.vite.config.ts',
  'package-lock.json',
  'tsconfig.json'
]
const stampFile = join(root, 'out', 'built-from.txt')
const lockFolder = join(root, 'node_modules', '.saddlescope-build-lock')

function* filesBelow(path) {
  const info = statSync(path, { throwIfNoEntry: false })
  if (!info) return
  if (info.isFile()) yield path
  else for (const name of readdirSync(path).sort()) yield* filesBelow(join(path, name))
}

/** SHA-256 over the names and contents of everything the build reads. */
export function inputHash() {
  const hash = createHash('sha256')
  for (const input of inputs)
    for (const file of filesBelow(join(root, input))) {
      hash.update(file.slice(root.length)).update('\0').update(readFileSync(file)).update('\0')
    }
  return hash.digest('hex')
}

export function isFresh() {
  return existsSync(stampFile) && readFileSync(stampFile, 'utf8') === inputHash()
}

function lockOwner() {
  try {
    return Number(readFileSync(join(lockFolder, 'pid'), 'utf8'))
  } catch {
    return null
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** Takes the build lock; a lock whose owner died, or that stayed without one for two seconds, is broken. */
async function lock() {
  let unownedSince = null
  for (;;) {
    try {
      mkdirSync(lockFolder)
      writeFileSync(join(lockFolder, 'pid'), String(process.pid))
      return
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    const owner = lockOwner()
    if (owner !== null && owner > 0) {
      unownedSince = null
      if (!isAlive(owner)) rmSync(lockFolder, { recursive: true, force: true })
    } else {
      unownedSince ??= Date.now()
      if (Date.now() - unownedSince > 2000) rmSync(lockFolder, { recursive: true, force: true })
    }
    await new Promise((done) => setTimeout(done, 100))
  }
}

/** Makes `out/` match the sources. Concurrent callers wait for one build. Output goes to stderr. */
export async function ensureBuilt() {
  if (isFresh()) return
  await lock()
  try {
    const hash = inputHash()
    if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === hash) return
    rmSync(stampFile, { force: true })
    process.stderr.write('building Saddlescope (the sources changed)…\n')
    const started = Date.now()
    const { buildAll } = await import('./build.mjs')
    await buildAll()
    writeFileSync(stampFile, hash)
    process.stderr.write(`built in ${((Date.now() - started) / 1000).toFixed(1)} s\n`)
  } finally {
    rmSync(lockFolder, { recursive: true, force: true })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  ensureBuilt().catch((error) => {
    process.stderr.write(`${error.message}\n`)
    process.exitCode = 1
  })
