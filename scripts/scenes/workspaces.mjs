// The workspaces that are pictured: one with runs, data sets and a damaged snapshot, one with studies, one with nothing, one for a first start.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { root } from '../ensure-built.mjs'
import { analysisCommands } from './analyses.mjs'
import { studies } from './studies.mjs'

export const flowers = `petal length,petal width,kind
1.4,0.2,setosa
1.3,0.3,setosa
4.7,1.4,versicolor
4.5,1.5,versicolor
6.0,2.5,virginica
5.1,1.9,virginica
`

const small = (id, name, settings) => [
  'run',
  'sfn-mnist10',
  '--id',
  id,
  ...[`name="${name}"`, ...settings].flatMap((setting) => ['--set', setting])
]
const commands = [
  ['run', 'sfn-mnist10', '--set', 'snapshots.hessian=true'],
  ['run', 'face-off-mnist10'],
  small('behind-a-projection', 'Behind a projection', [
    'data.transforms=[{"kind":"affine","divide":256,"subtract":0},{"kind":"random-projection","dim":30}]',
    'model.layers=[30,5,10]',
    'budget.steps=12'
  ]),
  small('without-snapshots', 'Without snapshots', ['snapshots.everySteps=null', 'checkpoints.everySteps=null', 'budget.steps=10']),
  small('damaged', 'With a damaged snapshot', ['snapshots.hessian=true', 'budget.steps=4'])
]

/** Cuts the newest snapshot of a run in the middle, as a full disk would have. */
function damage(run) {
  const snapshot = join(run, 'snapshots', 'step-000004')
  for (const name of ['eigenvalues.full.npy', 'hessian.full.npy'])
    truncateSync(join(snapshot, name), Math.floor(readFileSync(join(snapshot, name)).length / 2))
}

/** Makes the workspaces of runs and of studies below `folder`, unless they are there from an earlier call. */
export function makeWorkspaces(folder) {
  const main = join(folder, 'main')
  for (const name of ['empty', 'first']) mkdirSync(join(folder, name), { recursive: true })
  if (existsSync(join(folder, 'made'))) return
  const cliIn = (workspace, ...words) =>
    execFileSync(process.execPath, [join(root, 'out', 'main', 'cli.js'), ...words, '--workspace', workspace], {
      stdio: 'pipe'
    })
  const cli = (...words) => cliIn(main, ...words)
  for (const words of [...commands, ...analysisCommands]) cli(...words)
  damage(join(main, 'runs', 'damaged'))
  writeFileSync(join(folder, 'flowers.csv'), flowers)
  cli('datasets', 'import', join(folder, 'flowers.csv'), '--id', 'flowers')
  for (const [id, study] of Object.entries(studies)) {
    writeFileSync(join(folder, `${id}.json`), JSON.stringify(study))
    cliIn(join(folder, 'studies'), 'study', join(folder, `${id}.json`), '--id', id)
  }
  writeFileSync(join(folder, 'made'), '')
}

/** A mirror of MNIST on this machine that begins to send and then stands still; its file tells `serve` of it. */
export async function openMirror(folder) {
  const bytes = 11_000_000
  const server = createServer((request, response) => {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
    const range = from > 0 ? { 'content-range': `bytes ${from}-${bytes - 1}/${bytes}` } : {}
    response.writeHead(from > 0 ? 206 : 200, { 'content-length': bytes - from, ...range })
    let sent = from
    const timer = setInterval(() => {
      if (response.destroyed) return clearInterval(timer)
      const piece = sent < bytes / 2 ? 60_000 : 0
      sent += piece
      if (piece > 0) response.write(Buffer.alloc(piece))
    }, 50)
  })
  await new Promise((done) => server.listen(0, '127.0.0.1', done))
  const name = 'train-images-idx3-ubyte.gz'
  const files = [{ url: `http://127.0.0.1:${server.address().port}/${name}`, name, bytes, md5: '0'.repeat(32) }]
  writeFileSync(join(folder, 'mirrors.json'), JSON.stringify([{ id: 'mnist', files }]))
  return { path: join(folder, 'mirrors.json'), close: () => (server.closeAllConnections(), server.close()) }
}
