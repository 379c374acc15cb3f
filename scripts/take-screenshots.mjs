// Takes the pictures of the README, the guide and the screens page from real runs and asserts what is on each: `node scripts/take-screenshots.mjs [--keep FOLDER] [name or beginning*…]` (needs Chromium; writes docs/pictures; --keep uses the workspaces of an earlier call again).
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ensureBuilt, root } from './ensure-built.mjs'
import { pictures, states } from './scenes.mjs'
import { makeWorkspaces, openMirror } from './scenes/workspaces.mjs'
import { openChromium, serveWorkspace } from './serve-workspace.mjs'

/** The matching element must be drawn inside the picture and not lie under another; a driver would scroll to it, a reader cannot. */
async function expectShown(page, selector, pattern) {
  const found = page.locator(selector).filter({ hasText: pattern }).first()
  await found.waitFor({ timeout: 10_000 }).catch(() => assert.fail(`no ${selector} with ${pattern}`))
  const seen = await found.evaluate((element) => {
    // What lets the pointer through is found by a place only while it does not.
    const { pointerEvents } = element.style
    element.style.pointerEvents = 'auto'
    const { left, top, right, bottom, width, height } = element.getBoundingClientRect()
    const large = height > window.innerHeight / 2
    const middle = document.elementFromPoint((left + right) / 2, large ? top + 4 : (top + bottom) / 2)
    element.style.pointerEvents = pointerEvents
    const inside = left >= 0 && top >= 0 && right <= window.innerWidth && (large || bottom <= window.innerHeight)
    return { inside: inside && width > 0 && height > 0, onTop: middle !== null && (element.contains(middle) || middle.contains(element)) }
  })
  assert.deepEqual(seen, { inside: true, onTop: true }, `${selector} with ${pattern} cannot be seen on it: ${JSON.stringify(seen)}`)
}

async function expectAllShown(page, theme, { shows }) {
  for (const [selector, pattern] of shows) await expectShown(page, selector, pattern)
  await page.waitForFunction((name) => document.documentElement.dataset.theme === name, theme)
  // Charts draw themselves after the text around them.
  await page.waitForTimeout(700)
}

/** The bytes of a picture as WebP, a third of the PNG: encoded by the browser, which can. */
async function toWebp(page, png) {
  const url = await page.evaluate(
    async (source) => {
      const image = new Image()
      image.src = source
      await image.decode()
      const canvas = Object.assign(document.createElement('canvas'), { width: image.width, height: image.height })
      canvas.getContext('2d').drawImage(image, 0, 0)
      return canvas.toDataURL('image/webp', 0.6)
    },
    `data:image/png;base64,${png.toString('base64')}`
  )
  assert.match(url, /^data:image\/webp/)
  return Buffer.from(url.split(',')[1], 'base64')
}

/** Keeps the answers to some methods from the page, as a workbench would that is busy. */
const withhold = (page, methods) =>
  page.routeWebSocket(/./, (socket) => {
    const server = socket.connectToServer()
    socket.onMessage((message) => {
      if (!methods.some((method) => String(message).includes(`"${method}"`))) server.send(message)
    })
  })

await ensureBuilt()
const { values: options, positionals: wanted } = parseArgs({ allowPositionals: true, options: { keep: { type: 'string' } } })
const isWanted = ({ name }) =>
  wanted.length === 0 || wanted.some((one) => name === one || (one.endsWith('*') && name.startsWith(one.slice(0, -1))))
const folder = options.keep ?? mkdtempSync(join(tmpdir(), 'saddlescope-pictures-'))
const target = join(root, 'docs', 'pictures')
mkdirSync(join(target, 'screens'), { recursive: true })
const servers = new Map()
let browser
let mirror
const serverOf = async (workspace) => {
  const environment = { SADDLESCOPE_MIRRORS: mirror.path }
  if (!servers.has(workspace))
    servers.set(workspace, await serveWorkspace(join(folder, workspace), { demo: workspace === 'first', environment }))
  return servers.get(workspace)
}

/** A page in the state of a scene, in the light theme. */
async function openScene(scene) {
  const { workspace = 'main', route, size = [1280, 800], withheld = [], does } = scene
  const { link } = await serverOf(workspace)
  const page = await browser.newPage({ viewport: { width: size[0], height: size[1] }, colorScheme: 'light' })
  page.setDefaultTimeout(15_000)
  if (withheld.length > 0) await withhold(page, withheld)
  await page.goto(link)
  await page.getByText('Connected').waitFor()
  if (route !== null) await page.evaluate((hash) => (window.location.hash = hash), route)
  try {
    if (does) await does(page)
    await expectAllShown(page, 'light', scene)
  } catch (error) {
    const failed = join(tmpdir(), `saddlescope-scene-${scene.name}.png`)
    await page.screenshot({ path: failed })
    await page.close()
    assert.fail(`${scene.name}: ${error.message.split('\n')[0]} (see ${failed})`)
  }
  return page
}

async function takePicture(scene) {
  const page = await openScene({ size: [1440, 900], ...scene })
  await page.screenshot({ path: join(target, `${scene.name}.png`) })
  await page.close()
  console.log(`docs/pictures/${scene.name}.png`)
}

/** Both themes of one state: what was done to come there is done once, and must bear the change. */
async function takeState(scene, encoder) {
  const page = await openScene(scene)
  for (const theme of ['light', 'dark']) {
    if (theme === 'dark') {
      await page.emulateMedia({ colorScheme: 'dark' })
      await expectAllShown(page, 'dark', scene)
    }
    const file = join('screens', `${scene.name}-${theme}.webp`)
    writeFileSync(join(target, file), await toWebp(encoder, await page.screenshot()))
    console.log(`docs/pictures/${file}`)
  }
  await scene.after?.(page)
  await page.close()
}

try {
  makeWorkspaces(folder)
  mirror = await openMirror(folder)
  browser = await openChromium()
  // An encoder outside of the pages that are pictured: their policy allows no pictures from elsewhere.
  const encoder = await browser.newPage()
  const faults = []
  for (const scene of pictures.filter(isWanted)) await takePicture(scene).catch((error) => faults.push(error.message))
  for (const scene of states.filter(isWanted)) await takeState(scene, encoder).catch((error) => faults.push(error.message))
  if (faults.length > 0) {
    console.error(faults.join('\n'))
    process.exitCode = 1
  }
} finally {
  await browser?.close()
  for (const server of servers.values()) await server.stop()
  mirror?.close()
  if (!options.keep) rmSync(folder, { recursive: true, force: true })
}
