// The walls around the page, tried from inside: each line of docs/security.md that speaks of the window is proved here in the real one.
import { createServer, type Server } from 'node:http'
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { ElectronApplication, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { contentSecurityPolicy } from '../../src/shared/page-policy'
import { eventually, makeWorkspace, root } from '../e2e/support'
import { electronVersion, launchApp } from './support'

let app: ElectronApplication
let page: Page
let child: ReturnType<ElectronApplication['process']>
let workspace: ReturnType<typeof makeWorkspace>
/** Stands for the rest of the world: what arrives here has left the app. */
let elsewhere: Server
let site = ''
const hits: string[] = []
const preload = join(root, 'out', 'preload', 'index.js')

const pages: Readonly<Record<string, string>> = {
  '/framing': '<title>framing</title><iframe src="app://saddlescope/"></iframe>',
  '/nested': '<iframe src="/stranger"></iframe>'
}

beforeAll(async () => {
  elsewhere = createServer((request, response) => {
    hits.push(request.url ?? '')
    if (request.url === '/redirect') return response.writeHead(302, { location: '/landed' }).end()
    response.writeHead(200, { 'content-type': 'text/html', 'access-control-allow-origin': '*' })
    response.end(pages[request.url ?? ''] ?? '<title>elsewhere</title>')
  })
  await new Promise<void>((done) => elsewhere.listen(0, '127.0.0.1', done))
  site = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`
  workspace = makeWorkspace()
  app = await launchApp(workspace.path, ['--no-demo'])
  child = app.process()
  page = await app.firstWindow()
  await page.getByText('Connected').waitFor()
  await app.evaluate(({ dialog, shell }) => {
    const seen = { opened: [] as string[], asked: [] as string[], answer: 1 }
    Object.assign(globalThis, { seen })
    shell.openExternal = (address) => Promise.resolve(void seen.opened.push(address))
    dialog.showMessageBox = ((...words: unknown[]) => {
      const { message, detail } = words[words.length - 1] as { message: string; detail: string }
      seen.asked.push(`${message} ${detail}`)
      return Promise.resolve({ response: seen.answer, checkboxChecked: false })
    }) as typeof dialog.showMessageBox
  })
})
afterAll(async () => {
  const ended = new Promise((done) => child.once('exit', done))
  await app.close().catch(() => undefined)
  await ended
  elsewhere.close()
  workspace.remove()
})

/** Asked of the page itself: a driver's own waiting counts navigations that were refused as going on. */
const stillConnected = () =>
  eventually(
    'the page, as it was',
    () => page.evaluate(`window.stayed === true && document.body.innerText.includes('Connected')`) as Promise<boolean>
  )

interface Seen {
  opened: string[]
  asked: string[]
  answer: number
}
const seen = () => app.evaluate(() => (globalThis as unknown as { seen: Seen }).seen)
const answerWith = (answer: number) =>
  app.evaluate((_electron, given) => {
    const { seen: state } = globalThis as unknown as { seen: Seen }
    Object.assign(state, { answer: given, opened: [], asked: [] })
  }, answer)

/** Runs an expression in the main frame of a window that the test itself makes, with preferences that ours never have; then the window is gone. */
function inStranger(address: string, expression: string, preferences: Record<string, unknown> = {}): Promise<unknown> {
  return app.evaluate(
    async ({ BrowserWindow }, [url, code, given]) => {
      const window = new BrowserWindow({ show: false, webPreferences: { sandbox: true, ...(given as object) } })
      try {
        await window.loadURL(url as string).catch(() => undefined)
        return await window.webContents.executeJavaScript(code as string)
      } finally {
        window.destroy()
      }
    },
    [address, expression, preferences] as const
  )
}

/** What a request for an address is answered with, as a document of its own. */
function documentAt(address: string): Promise<{ status: number; text: string }> {
  return app.evaluate(async ({ BrowserWindow }, url) => {
    const window = new BrowserWindow({ show: false, webPreferences: { sandbox: true } })
    let status = 0
    window.webContents.on('did-navigate', (_event, _url, code) => (status = code))
    try {
      await window.loadURL(url).catch(() => undefined)
      const text = (await window.webContents.executeJavaScript('document.body.innerText')) as string
      return { status, text }
    } finally {
      window.destroy()
    }
  }, address)
}

/** The page's answer to `ask`, or the sentence with which it was refused. */
const ask = (channel: string, ...words: unknown[]) =>
  page.evaluate(
    `window.saddlescope.ask(${[channel, ...words].map((word) => JSON.stringify(word)).join(', ')}).then((value) => ({ value }), (error) => error.message)`
  )

describe(`the page in Electron ${electronVersion}`, () => {
  it('runs in a sandbox, isolated, without Node, in every window', async () => {
    const hasSecond = await app.evaluate(({ Menu }) => {
      const item = Menu.getApplicationMenu()?.getMenuItemById('new-window')
      item?.click()
      return item !== null && item !== undefined
    })
    if (hasSecond) await eventually('a second window', () => app.windows().length === 2)
    const all = await app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows().map(({ webContents }) =>
        (webContents as unknown as { getLastWebPreferences(): Record<string, unknown> }).getLastWebPreferences()
      )
    )
    expect(all).toHaveLength(hasSecond ? 2 : 1)
    for (const preferences of all)
      expect(preferences).toMatchObject({
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        nodeIntegrationInSubFrames: false,
        webSecurity: true,
        allowRunningInsecureContent: false,
        webviewTag: false,
        experimentalFeatures: false
      })
    for (const preferences of all) expect(preferences.enableBlinkFeatures ?? '').toBe('')
    for (const window of app.windows()) {
      await window.getByText('Connected').waitFor()
      expect(
        await window.evaluate('[typeof require, typeof process, typeof module, typeof global, typeof Buffer, typeof __dirname].join()')
      ).toBe(Array(6).fill('undefined').join())
      expect(await window.evaluate('window.location.origin')).toBe('app://saddlescope')
      expect(await window.evaluate('Object.keys(window.saddlescope)')).toEqual(['shell', 'ask', 'pathOf'])
      expect(await window.evaluate('Object.isFrozen(window.saddlescope)')).toBe(true)
      expect(await window.evaluate('window.saddlescope.ask.constructor === Function')).toBe(true)
    }
    if (hasSecond) await app.windows()[1].close()
    page = app.windows()[0]
  })

  it('is served from its own folder only, to GET, from its own host', async () => {
    const statusOf = (path: string, method = 'GET') =>
      page.evaluate(
        `fetch(${JSON.stringify(path)}, { method: ${JSON.stringify(method)} }).then((answer) => answer.status, (error) => error.name)`
      )
    expect(await statusOf('/')).toBe(200)
    expect(await statusOf('/index.html')).toBe(200)
    for (const path of [
      '/../main/index.js',
      '/..%2fmain%2findex.js',
      '/%2e%2e/main/index.js',
      '/%2e%2e%2f%2e%2e%2fpackage.json',
      '/..%5c..%5cpackage.json',
      '/..\\main\\index.js',
      '/assets/..%2f..%2fmain%2findex.js',
      '/index.html%00.js',
      '/%00index.html',
      '//etc/passwd',
      '/etc/passwd',
      '/assets',
      '/assets/',
      '/%',
      '/.env',
      '/index.html/'
    ])
      expect(await statusOf(`app://saddlescope${path}`), path).toBe(path.includes('%00') ? 'TypeError' : 404)
    for (const method of ['POST', 'PUT', 'DELETE', 'HEAD', 'PATCH']) expect(await statusOf('/index.html', method), method).toBe(404)
    for (const address of ['app://other/', 'app://other/index.html', 'app://saddlescope.evil/', 'app://main/index.js'])
      expect((await documentAt(address)).text, address).toBe('not found')
    expect((await documentAt('app://saddlescope/..%2f..%2fpackage.json')).text).toBe('not found')
  })

  it('cannot be framed by another site', async () => {
    const frames = await app.evaluate(async ({ BrowserWindow }, url) => {
      const window = new BrowserWindow({ show: false, webPreferences: { sandbox: true } })
      await window.loadURL(url).catch(() => undefined)
      const { framesInSubtree } = window.webContents.mainFrame
      const inside = await Promise.all(
        framesInSubtree.slice(1).map((frame) => frame.executeJavaScript('document.querySelector("#app") === null').catch(() => true))
      )
      const title = window.webContents.getTitle()
      window.destroy()
      return { title, inside }
    }, `${site}/framing`)
    expect(frames).toEqual({ title: 'framing', inside: [true] })
  })

  it('carries the documented policy, byte for byte', async () => {
    const documented = /```csp\n(.+?)\n```/s.exec(readFileSync(join(root, 'docs', 'security.md'), 'utf8'))?.[1]
    expect(documented).toBe(contentSecurityPolicy)
    for (const path of ['/', '/index.html', '/none'])
      expect(await page.evaluate(`fetch(${JSON.stringify(path)}).then((answer) => answer.headers.get('content-security-policy'))`)).toBe(
        documented
      )
  })

  it('obeys the policy: nothing inline, nothing evaluated, nothing from elsewhere', async () => {
    hits.length = 0
    // Timers, because what a driver evaluates may itself evaluate.
    const refused = (await page.evaluate(`new Promise((done) => {
      const found = []
      document.addEventListener('securitypolicyviolation', (event) => found.push(event.effectiveDirective + ' ' + event.blockedURI))
      const add = (tag, fill) => document.body.append(Object.assign(document.createElement(tag), fill))
      const site = ${JSON.stringify(site)}
      window.faults = []
      const attempt = (name, work) => setTimeout(() => { try { work() } catch (error) { window.faults.push(name + ': ' + error.name) } })
      attempt('inline', () => add('script', { textContent: 'window.hacked = "inline"' }))
      attempt('remote script', () => add('script', { src: site + '/script.js' }))
      attempt('eval', () => { window.hacked = (0, eval)('"eval"') })
      attempt('function', () => { window.hacked = new Function('return "function"')() })
      attempt('timer', () => setTimeout('window.hacked = "timer"'))
      attempt('handler', () => { const one = document.createElement('div'); one.setAttribute('onclick', 'window.hacked = "handler"'); document.body.append(one); one.click() })
      attempt('style', () => add('style', { textContent: 'body { color: rgb(1, 2, 3) !important }' }))
      attempt('remote style', () => add('link', { rel: 'stylesheet', href: site + '/style.css' }))
      attempt('image', () => add('img', { src: site + '/image.png' }))
      attempt('font', () => new FontFace('Other', 'url(' + site + '/font.woff2)').load().catch(() => undefined))
      attempt('media', () => add('video', { src: site + '/film.mp4' }))
      attempt('frame', () => add('iframe', { src: site + '/frame' }))
      attempt('object', () => add('object', { data: site + '/object' }))
      attempt('fetch', () => fetch(site + '/fetch').catch(() => undefined))
      attempt('socket', () => new WebSocket(site.replace('http', 'ws') + '/socket'))
      attempt('events', () => new EventSource(site + '/events'))
      attempt('beacon', () => navigator.sendBeacon(site + '/beacon', 'x'))
      attempt('worker', () => new Worker(URL.createObjectURL(new Blob(['postMessage(1)']))))
      attempt('base', () => document.head.append(Object.assign(document.createElement('base'), { href: site })))
      attempt('form', () => { const form = document.createElement('form'); form.action = site + '/form'; document.body.append(form); form.submit() })
      const end = Date.now() + 15_000
      const look = () => (found.length >= 20 || Date.now() > end ? done(found) : setTimeout(look, 100))
      look()
    })`)) as string[]
    const directives = new Set(refused.map((line) => line.split(' ')[0]))
    console.log(`refused by the policy: ${refused.length} attempts, under ${[...directives].sort().join(', ')}`)
    for (const wanted of [
      'script-src-elem',
      'script-src-attr',
      'script-src',
      'style-src-elem',
      'img-src',
      'font-src',
      'media-src',
      'frame-src',
      'object-src',
      'connect-src',
      'worker-src',
      'base-uri',
      'form-action'
    ])
      expect([...directives], wanted).toContain(wanted)
    expect(refused.filter((line) => line === 'script-src eval').length).toBeGreaterThanOrEqual(3)
    expect(refused.filter((line) => line.startsWith('connect-src')).length).toBeGreaterThanOrEqual(3)
    expect(await page.evaluate('window.faults.filter((name) => name.startsWith("eval") || name.startsWith("function"))')).toEqual([
      'eval: EvalError',
      'function: EvalError'
    ])
    expect(await page.evaluate('String(window.hacked)')).toBe('undefined')
    expect(await page.evaluate('getComputedStyle(document.body).color')).not.toBe('rgb(1, 2, 3)')
    expect(hits).toEqual([])
    await page.reload()
    await page.getByText('Connected').waitFor()
  })

  it('has no permission but to put a text on the clipboard', async () => {
    const states = await page.evaluate(`Promise.all(
      ['geolocation', 'camera', 'microphone', 'notifications', 'midi', 'clipboard-read', 'persistent-storage', 'idle-detection'].map((name) =>
        navigator.permissions.query({ name }).then((status) => name + ' ' + status.state, (error) => name + ' denied')
      )
    )`)
    for (const state of states as string[]) expect(state).toMatch(/ denied$/)
    expect(await page.evaluate('Notification.requestPermission()')).toBe('denied')
    expect(
      await page.evaluate(
        'new Promise((done) => navigator.geolocation.getCurrentPosition(() => done("found"), (error) => done(error.code === error.PERMISSION_DENIED)))'
      )
    ).toBe(true)
    for (const what of ['{ audio: true }', '{ video: true }'])
      expect(await page.evaluate(`navigator.mediaDevices.getUserMedia(${what}).then(() => 'given', (error) => error.name)`)).toMatch(
        /NotAllowedError|NotFoundError/
      )
    expect(await page.evaluate(`navigator.clipboard.readText().then(() => 'read', (error) => error.name)`)).toBe('NotAllowedError')
    await page.evaluate(`void document.documentElement.requestFullscreen().catch(() => undefined)`)
    const write = (text: string) => `navigator.clipboard.writeText(${JSON.stringify(text)}).then(() => 'copied', (error) => error.name)`
    await page.evaluate(
      `document.body.addEventListener('click', () => { window.copied = ${write('copied by hand')} }, { once: true, capture: true })`
    )
    await page.mouse.click(700, 4)
    expect(await page.evaluate('window.copied')).toBe('copied')
    expect(await app.evaluate(({ clipboard }) => clipboard.readText())).toBe('copied by hand')
    expect(await page.evaluate('document.fullscreenElement === null')).toBe(true)
  })

  it('goes nowhere else and opens no windows', async () => {
    hits.length = 0
    await answerWith(1)
    await page.evaluate('window.stayed = true')
    const count = () => app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)
    const before = await count()
    for (const address of [
      `${site}/away`,
      `${site}/redirect`,
      'file:///etc/passwd',
      'app://other/',
      'data:text/html,<h1>x</h1>',
      'chrome://gpu'
    ])
      for (const way of [
        'window.location.href = x',
        'document.body.append(Object.assign(document.createElement("a"), { href: x, id: "way" })); document.querySelector("#way").click(); document.querySelector("#way").remove()',
        'window.open(x)',
        'window.open(x, "_self")'
      ])
        await page.evaluate(`{ const x = ${JSON.stringify(address)}; ${way} }`).catch(() => undefined)
    await page.evaluate(
      `document.body.append(Object.assign(document.createElement('webview'), { src: ${JSON.stringify(`${site}/webview`)} }))`
    )
    await stillConnected()
    expect(await page.evaluate('location.href')).toMatch(/^app:\/\/saddlescope\//)
    expect(await count()).toBe(before)
    expect(hits).toEqual([])
    expect(await seen()).toMatchObject({ opened: [], asked: [] })
  })

  it('hands only https addresses to the browser, after a question that shows them', async () => {
    await answerWith(1)
    await page.evaluate(`window.open('https://example.org/a?b=c')`)
    await eventually('the question', async () => (await seen()).asked.length === 1)
    expect(await seen()).toMatchObject({ asked: ['Open example.org in your browser? https://example.org/a?b=c'], opened: [] })
    await answerWith(0)
    await page.evaluate(`window.open('https://example.org/a?b=c', '_blank', 'noopener')`)
    await eventually('the browser', async () => (await seen()).opened.length === 1)
    expect((await seen()).opened).toEqual(['https://example.org/a?b=c'])
    await answerWith(0)
    for (const address of [
      'https://user:word@example.org/',
      'http://example.org/',
      'file:///etc/passwd',
      'smb://server/share',
      `https://example.org/${'a'.repeat(3000)}`
    ])
      await page.evaluate(`window.open(${JSON.stringify(address)})`)
    await stillConnected()
    expect(await seen()).toMatchObject({ asked: [], opened: [] })
  })

  it('is heard only when it asks for what there is, in the right form', async () => {
    expect(await ask('open-folder', { path: '/etc' })).toEqual({ value: 'only folders of the workspace are opened' })
    for (const [words, sentence] of [
      [[{ path: 7 }], /^open-folder was refused: path is not as it should be/],
      [[{ path: '' }], /^open-folder was refused: path/],
      [[{ path: 'x'.repeat(1_000_000) }], /^open-folder was refused: path/],
      [[{ path: '/tmp', besides: 1 }], /^open-folder was refused: its input is not as it should be .*besides/],
      [[['/tmp']], /^open-folder was refused: its input/],
      [[null], /^open-folder was refused: its input/],
      [[], /^open-folder was refused: its input/]
    ] as [unknown[], RegExp][]) {
      const refusal = await ask('open-folder', ...words)
      expect(refusal).toMatch(sentence)
      expect((refusal as string).length).toBeLessThan(400)
    }
    // Names that are no channel of ours have no handler, Electron's own included.
    for (const name of ['none', '__proto__', '../GUEST_VIEW_MANAGER_CALL', 'request-port\0'])
      expect(await ask(name, {})).toMatch(/No handler registered/)
  })

  it('is heard alone: no frame within it, no other site, even with our own preload', async () => {
    const askFrom = (where: string) =>
      `${where}.saddlescope.ask('save-path', { name: 'a' }).then(() => 'answered', (error) => error.message)`
    // In our windows a frame gets no bridge at all.
    expect(
      await page.evaluate(
        `{ const frame = document.createElement('iframe'); document.body.append(frame); typeof frame.contentWindow.saddlescope }`
      )
    ).toBe('undefined')
    // A window as careless as can be: the preload runs in its frames too.
    const fromFrame = await app.evaluate(
      async ({ BrowserWindow }, [url, file, code]) => {
        const window = new BrowserWindow({
          show: false,
          webPreferences: { sandbox: true, preload: file, nodeIntegrationInSubFrames: true }
        })
        try {
          await window.loadURL(url)
          const frame = window.webContents.mainFrame.framesInSubtree[1]
          return (await frame.executeJavaScript(code)) as string
        } finally {
          window.destroy()
        }
      },
      [`${site}/nested`, preload, askFrom('window')] as const
    )
    expect(fromFrame).toBe('save-path was refused: only the page itself may ask, no frame within it.')
    expect(await inStranger(`${site}/stranger`, askFrom('window'), { preload })).toBe(
      'save-path was refused: only the page of Saddlescope may ask.'
    )
    expect(await inStranger('about:blank', askFrom('window'), { preload })).toBe(
      'save-path was refused: only the page of Saddlescope may ask.'
    )
    expect(await inStranger('data:text/html,hello', askFrom('window'), { preload })).toMatch(/only the page of Saddlescope may ask/)
    expect(await inStranger('app://other/', askFrom('window'), { preload })).toMatch(/only the page of Saddlescope may ask/)
  })
})
