// Walks the whole way of the Debian package, as root: install, start by the desktop entry as an ordinary user, train, second start, a file opened, doctor, uninstall. Prints what it saw; any difference is a failure.
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { dist, executableName, fileTypes, manifest } from './names.mjs'
import { asUser, confinementOf, eventually, makeUser, openDisplay, processesOf, run, sleep, start } from './walk-machine.mjs'

const program = `/usr/lib/${manifest.name}/${executableName}`
const began = Date.now()
let passed = 0
let failed = 0
const say = (text) => console.log(`${((Date.now() - began) / 1000).toFixed(1).padStart(6)} s  ${text}`)

function see(ok, text) {
  if (ok) passed++
  else failed++
  say(`${ok ? 'saw' : 'WRONG:'} ${text}`)
}
function must(ok, text) {
  see(ok, text)
  if (!ok) throw new Error(text)
}

function newestDeb() {
  const found = existsSync(dist) ? readdirSync(dist).filter((name) => name.endsWith('.deb')) : []
  if (found.length === 0) throw new Error('there is no .deb in dist/: `npm run package -- --deb` makes it')
  return join(dist, found.sort((a, b) => statSync(join(dist, b)).mtimeMs - statSync(join(dist, a)).mtimeMs)[0])
}

/** SHA-256 over names and contents of everything below a folder. */
function fingerprint(folder) {
  const hash = createHash('sha256')
  const visit = (path, name) => {
    for (const entry of readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1)))
      if (entry.isDirectory()) visit(join(path, entry.name), `${name}/${entry.name}`)
      else if (entry.isFile()) hash.update(`${name}/${entry.name}\0`).update(readFileSync(join(path, entry.name)))
  }
  visit(folder, '')
  return hash.digest('hex')
}

function install(deb, scratch) {
  // apt reads the file as a user of its own.
  const place = join(scratch, 'saddlescope.deb')
  run('cp', [deb, place])
  chmodSync(place, 0o644)
  const { status, output } = run('apt-get', ['install', '-y', '--reinstall', place], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  })
  must(
    status === 0,
    `apt install ./${deb.split('/').at(-1)} (${(statSync(deb).size / 1e6).toFixed(1)} MB) end with ${status}${status === 0 ? '' : `:\n${output.slice(-2000)}`}`
  )
  const field = (name) => run('dpkg-query', ['-W', `-f=\${${name}}`, manifest.name]).stdout
  see(
    field('Version') === manifest.version,
    `version ${field('Version')}, installed size ${(Number(field('Installed-Size')) / 1000).toFixed(0)} MB`
  )
  see(field('Recommends') === '', 'nothing recommended')
  const helper = statSync(`/usr/lib/${manifest.name}/chrome-sandbox`)
  see(
    (helper.mode & 0o7777) === 0o4755 && helper.uid === 0,
    `the sandbox helper owned by root with mode ${(helper.mode & 0o7777).toString(8)}`
  )
  const missing = run('ldd', [program])
    .output.split('\n')
    .filter((line) => line.includes('not found'))
  see(missing.length === 0, `every library of the program found${missing.join('; ')}`)
  for (const [tool, args] of [
    ['desktop-file-validate', ['/usr/share/applications/saddlescope.desktop']],
    [
      'appstreamcli',
      ['validate', '--no-net', `/usr/share/metainfo/${readdirSync('/usr/share/metainfo').find((name) => /saddlescope/i.test(name))}`]
    ]
  ])
    if (run('which', [tool]).status === 0) {
      const { status: told, output: words } = run(tool, args)
      see(told === 0, `${tool} content${told === 0 ? '' : `: ${words}`}`)
    } else say(`not looked at with ${tool}, which is not installed`)
}

/** As a desktop does it: Exec of the entry, its field code replaced by the files. */
function desktopCommand(files) {
  const entry = readFileSync('/usr/share/applications/saddlescope.desktop', 'utf8')
  const words = /^Exec=(.*)$/m.exec(entry)[1].split(' ')
  return words.flatMap((word) => (word === '%F' ? files : [word]))
}

/** Starts the window with a port for looking at it; without the sandbox only where the kernel refuses it, and says so. */
async function startWindow(user, display) {
  for (const extra of [[], ['--no-sandbox']]) {
    const [command, ...files] = desktopCommand([])
    const app = start(asUser(user, [command, ...extra, '--remote-debugging-port=0', ...files], display), user.home)
    const address = await eventually(
      'the window',
      () =>
        app.lines.map((line) => /DevTools listening on (ws:\S+)/.exec(line)?.[1]).find(Boolean) ?? (app.ended === null ? null : 'ended'),
      60
    )
    if (address !== 'ended') return { app, address, sandboxed: extra.length === 0 }
    const output = app.lines.join('\n')
    if (extra.length > 0 || !/sandbox/i.test(output)) throw new Error(`the app ended with ${app.ended}:\n${output.slice(-1500)}`)
    say(`the kernel refuses the sandbox here ("${/^.*sandbox.*$/im.exec(output)?.[0].trim()}"): started again with --no-sandbox`)
  }
}

/** Playwright sometimes does not get hold of an old Electron's page while that loads, so it comes after, and more than once. */
async function connect(app, address) {
  await eventually('the page asks for the workbench', () => app.lines.includes('saddlescope: window ready'))
  const once = () => chromium.connectOverCDP(address, { noDefaults: true, timeout: 20_000 })
  return once().catch(once).catch(once)
}

const runsOf = (workspace) =>
  existsSync(join(workspace, 'runs'))
    ? readdirSync(join(workspace, 'runs')).filter(
        (name) => !name.startsWith('.') && existsSync(join(workspace, 'runs', name, 'status.json'))
      )
    : []
const statusOf = (workspace, id) => JSON.parse(readFileSync(join(workspace, 'runs', id, 'status.json'), 'utf8'))

async function figure(page, name) {
  const entry = page.locator('.figure').filter({ has: page.getByText(name, { exact: true }) })
  return (await entry.locator('dd').first().textContent()) ?? ''
}

/** The demonstration trains by itself on an empty workspace; what the page shows of it is held against its files. */
async function seeTheRun(page, workspace, bundled) {
  const id = await eventually('the first run', () => runsOf(workspace)[0], 90)
  await eventually('the run is done', () => statusOf(workspace, id).state === 'done', 300)
  const status = statusOf(workspace, id)
  see(
    status.backend.kind === 'lapack',
    `${id} trained natively: ${status.backend.description}, ${status.backend.threads} threads, on Electron ${status.versions.electron}`
  )
  if (bundled)
    see(
      /bundled/i.test(status.backend.description) || status.backend.description.includes(`/usr/lib/${manifest.name}`),
      'the library to be the one in the package'
    )
  await page.evaluate(`window.location.hash = '/run/${id}'`)
  await eventually('the page shows the run as done', async () => /done/.test((await page.locator('h1 + *').first().textContent()) ?? ''))
  const step = Number((await figure(page, 'Step')).split('/')[0].replace(/\D/g, ''))
  see(step === status.step, `step ${step} on the page, ${status.step} in status.json`)
  const shown = await figure(page, 'Loss')
  const digits = shown.replaceAll('\u2212', '-').match(/-?\d+(\.\d+)?/)?.[0] ?? ''
  const decimals = digits.split('.')[1]?.length ?? 0
  see(
    digits !== '' && decimals > 1 && Number(digits) === Number(status.figures.lastLoss.toFixed(decimals)),
    `loss ${shown.trim()} on the page, ${status.figures.lastLoss} in status.json`
  )
  return id
}

async function seeProcesses(user, sandboxed) {
  await sleep(3000)
  const processes = processesOf(user.id, program)
  const named = processes.map(({ kind, megabytes }) => `${kind} ${megabytes.toFixed(0)} MB`)
  see(
    processes.some(({ kind }) => kind === 'renderer'),
    `processes when idle (proportional set size): ${named.join(', ')}; together ${processes.reduce((sum, { megabytes }) => sum + megabytes, 0).toFixed(0)} MB`
  )
  const page = processes.find(({ kind }) => kind === 'renderer')
  const { confined, words } = confinementOf(page.pid)
  if (sandboxed) see(confined, `the page's process sandboxed: ${words}`)
  else say(`the page's process is not sandboxed here: ${words}`)
}

async function firstPaint(page, app) {
  const paint = await eventually('the first paint', () =>
    page.evaluate(
      `(() => { const entry = performance.getEntriesByName('first-contentful-paint')[0]; return entry ? performance.timeOrigin + entry.startTime : null })()`
    )
  )
  say(`first contentful paint ${((paint - app.at) / 1000).toFixed(2)} s after the start of the program`)
}

async function secondStart(user, display, browser, files, extra) {
  const [command, ...rest] = desktopCommand(files)
  const second = start(asUser(user, [command, ...extra, ...rest], display), user.home)
  const ended = await eventually('the second start ends', () => (second.ended === null ? null : { status: second.ended }), 60)
  const windows = browser.contexts().flatMap((context) => context.pages()).length
  see(
    ended.status === 0 && windows === 1,
    `a second start${files.length > 0 ? ` with ${files.map((file) => file.split('/').at(-1)).join(', ')}` : ''} hand over and end with ${ended.status}; ${windows} window`
  )
}

async function openFile(user, display, browser, workspace, id, extra) {
  const file = join(user.home, `carried.${fileTypes[0].extension}`)
  const zip = join(user.home, 'carried.zip')
  const made = run(...split(asUser(user, ['saddlescope', 'export', id, '--out', zip])))
  must(
    made.status === 0 && existsSync(zip),
    `saddlescope export ${id} --out carried.zip end with ${made.status}${made.status === 0 ? '' : `: ${made.output}`}`
  )
  run(...split(asUser(user, ['mv', zip, file])))
  // Not xdg-mime, which asks file(1) where no desktop runs.
  if (run('which', ['gio']).status === 0) {
    const type = /standard::content-type: (\S+)/.exec(
      run(...split(asUser(user, ['gio', 'info', '-a', 'standard::content-type', file]))).output
    )?.[1]
    see(type === fileTypes[0].mimeType, `its type ${type}`)
    const opener = run(...split(asUser(user, ['gio', 'mime', fileTypes[0].mimeType]))).output
    see(/^Default.*saddlescope\.desktop/m.test(opener), `a desktop open it by: ${opener.split('\n')[0]}`)
  } else say('its type not looked at, because gio is not installed')
  const before = runsOf(workspace)
  await secondStart(user, display, browser, [file], extra)
  const arrived = await eventually('the run in the opened file arrives', () => runsOf(workspace).find((one) => !before.includes(one)), 60)
  see(
    statusOf(workspace, arrived).figures.lastLoss === statusOf(workspace, id).figures.lastLoss,
    `the opened file arrive as run ${arrived}, with the loss of the run that was exported`
  )
}

const split = ([command, ...args]) => [command, args]

function doctor(bundled) {
  const { status, output } = run('env', ['-i', 'PATH=/usr/bin:/bin', 'HOME=/root', 'saddlescope', 'doctor'], { cwd: '/' })
  see(status === 0, `saddlescope doctor as root without a display end with ${status}:\n${output.replace(/^/gm, '            ')}`)
  if (bundled) see(/bundled/i.test(output), 'doctor name the bundled OpenBLAS')
}

async function quit(app, user) {
  const main = processesOf(user.id, program).find(({ kind }) => kind === 'main')
  process.kill(main.pid, 'SIGTERM')
  await eventually('the app ends', () => app.ended !== null, 60)
  see(app.ended === 0, `the app end with ${app.ended} when it is told to`)
  await eventually('its processes end', () => processesOf(user.id, program).length === 0, 30)
}

function uninstall(user, workspace) {
  const data = join(user.home, '.config', manifest.productName)
  const before = fingerprint(data)
  const { status, output } = run('apt-get', ['purge', '-y', manifest.name], { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } })
  see(status === 0, `apt purge ${manifest.name} end with ${status}${status === 0 ? '' : `:\n${output.slice(-1000)}`}`)
  const left = [
    `/usr/lib/${manifest.name}`,
    '/usr/bin/saddlescope',
    `/usr/bin/${executableName}`,
    '/usr/share/applications/saddlescope.desktop',
    '/etc/apparmor.d/saddlescope'
  ].filter((path) => existsSync(path))
  see(left.length === 0, `nothing of the package left${left.length > 0 ? `, except ${left.join(', ')}` : ''}`)
  see(
    fingerprint(data) === before,
    `the user's data left as they were: ${runsOf(workspace).length} runs in ${workspace}, SHA-256 over all files ${before.slice(0, 16)}… before and after`
  )
}

async function walk(deb) {
  const scratch = mkdtempSync(join(tmpdir(), 'saddlescope-walk-'))
  chmodSync(scratch, 0o755)
  const user = makeUser('saddlewalk')
  const display = await openDisplay()
  let browser = null
  try {
    install(deb, scratch)
    const bundled = existsSync(`/usr/lib/${manifest.name}/resources/openblas`)
    if (!bundled) say('this package has no OpenBLAS inside')
    doctor(bundled)
    const { app, address, sandboxed } = await startWindow(user, display.name)
    say(`started "${desktopCommand([]).join(' ')}" as ${user.name} under Xvfb`)
    browser = await connect(app, address)
    const page = await eventually('the page', () => browser.contexts().flatMap((context) => context.pages())[0])
    await page.getByText('Connected').waitFor({ timeout: 60_000 })
    await firstPaint(page, app)
    const workspace = join(user.home, '.config', manifest.productName, 'workspace')
    const id = await seeTheRun(page, workspace, bundled)
    await page
      .screenshot({ path: join(tmpdir(), 'saddlescope-walk.png') })
      .then(() => say(`picture of the window: ${join(tmpdir(), 'saddlescope-walk.png')}`))
    await seeProcesses(user, sandboxed)
    const extra = sandboxed ? [] : ['--no-sandbox']
    await secondStart(user, display.name, browser, [], extra)
    await openFile(user, display.name, browser, workspace, id, extra)
    await quit(app, user)
    uninstall(user, workspace)
  } finally {
    await browser?.close().catch(() => undefined)
    for (const { pid } of processesOf(user.id, program)) process.kill(pid, 'SIGKILL')
    run('apt-get', ['purge', '-y', manifest.name])
    display.end()
    user.remove()
    rmSync(scratch, { recursive: true, force: true })
  }
}

if (process.platform !== 'linux' || process.getuid() !== 0 || run('which', ['apt-get']).status !== 0) {
  console.error('the walk installs a Debian package and makes a user: it needs root on Debian or Ubuntu')
  process.exit(2)
}
await walk(process.argv[2] ?? newestDeb()).catch((error) => {
  failed++
  say(`WRONG: ${error.message}`)
})
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed === 0 && passed > 0 ? 0 : 1)
