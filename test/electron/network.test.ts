// The app asks nothing of any other machine: not by requests of the page, not by sockets of any of its processes, not in the log of Chromium's network service from its first moment on.
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { ElectronApplication, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startPreset, visit, waitForState } from '../e2e/flows'
import { makeWorkspace } from '../e2e/support'
import { launchApp } from './support'

let app: ElectronApplication
let page: Page
let child: ReturnType<ElectronApplication['process']>
let workspace: ReturnType<typeof makeWorkspace>
const netLog = () => join(dirname(workspace.path), 'net-log.json')

beforeAll(async () => {
  workspace = makeWorkspace()
  mkdirSync(dirname(workspace.path), { recursive: true })
  app = await launchApp(workspace.path, ['--no-demo', `--log-net-log=${netLog()}`])
  child = app.process()
  page = await app.firstWindow()
  await page.getByText('Connected').waitFor()
})
/** Ends the app as a person does, once: the log is complete then. */
async function quit() {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((done) => child.once('exit', done))
  await app.close().catch(() => undefined)
  await ended
}
afterAll(async () => {
  await quit()
  workspace.remove()
})

/** Addresses at the other end of the TCP and UDP sockets of a process and those below it, without loopback and without those that wait. */
function remoteEnds(pid: number): string[] {
  const processes = [pid]
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry)))
    try {
      const parent = Number(readFileSync(`/proc/${name}/stat`, 'utf8').split(') ').pop()?.split(' ')[1])
      if (processes.includes(parent)) processes.push(Number(name))
    } catch {
      // Ended meanwhile.
    }
  const inodes = new Set<string>()
  for (const one of processes)
    try {
      for (const descriptor of readdirSync(`/proc/${one}/fd`)) {
        const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${one}/fd/${descriptor}`))?.[1]
        if (inode) inodes.add(inode)
      }
    } catch {
      // Ended meanwhile.
    }
  return ['tcp', 'tcp6', 'udp', 'udp6'].flatMap((kind) =>
    readFileSync(`/proc/net/${kind}`, 'utf8')
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((cells) => cells.length > 9 && inodes.has(cells[9]))
      .map((cells) => `${kind} ${cells[2]}`)
      .filter((line) => !/ (0100007F|0+):| 0{24}0100007F:|0{31}1:| 0000000000000000FFFF00000100007F:/.test(line))
  )
}

describe('no remote content, no telemetry', () => {
  it('asks nothing of any other machine during a session, in the requests, the sockets and the log of the network service', async () => {
    await app.evaluate(({ session }) => {
      const requests: string[] = []
      Object.assign(globalThis, { requests })
      session.defaultSession.webRequest.onBeforeRequest((details, go) => {
        requests.push(details.url)
        go({})
      })
    })
    const found = new Set<string>()
    const watch = setInterval(() => remoteEnds(child.pid ?? 0).forEach((end) => found.add(end)), 200)
    try {
      await page.reload()
      await startPreset(page, 'Saddle-free Newton on small digits')
      await waitForState(page, /running|done/, 60)
      for (const route of ['#/datasets', '#/queue', '#/settings', '#/playground', '#/compare', '#/']) await visit(page, route)
      await page.getByRole('link', { name: 'SFN on small digits' }).first().waitFor()
    } finally {
      clearInterval(watch)
    }
    const requests = await app.evaluate(() => (globalThis as unknown as { requests: string[] }).requests)
    // The document; what it consists of may come from memory.
    expect(requests.length).toBeGreaterThan(0)
    expect(requests.filter((address) => !/^(app:\/\/saddlescope\/|data:|blob:app:\/\/saddlescope\/|devtools:)/.test(address))).toEqual([])
    if (existsSync('/proc/net/tcp')) expect([...found]).toEqual([])
    await quit()
    const log = readFileSync(netLog(), 'utf8')
    const addresses = [...log.matchAll(/"(?:url|original_url)":"([^"]+)"/g)].map(([, address]) => address)
    const hosts = [...log.matchAll(/"host":"([^"]+)"/g)].map(([, host]) => host)
    console.log(`log of the network service: ${log.length} bytes, ${addresses.length} addresses, ${hosts.length} host names`)
    expect(log).toContain('"constants"')
    const ours = /^(app|data|blob|devtools|about|chrome-error|file|https?:\/\/127\.0\.0\.1|ws:\/\/127\.0\.0\.1)/
    expect(addresses.filter((address) => !ours.test(address))).toEqual([])
    expect(hosts.filter((host) => !/127\.0\.0\.1|localhost/.test(host))).toEqual([])
  })
})
