// Takes the pictures of the README, the guide and the screens page from real runs and asserts what is on each: `node scripts/take-screenshots.mjs [name…]` (needs Chromium; writes docs/pictures).
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureBuilt, root } from './ensure-built.mjs'
import { pictures, states, workspaceCommands } from './scenes.mjs'
import { openChromium, serveWorkspace } from './serve-workspace.mjs'

/** The matching element must be drawn inside the picture and not lie under another; a driver would scroll to it, a reader cannot. */
async function expectShown(page, picture, selector, pattern) {
  const found = page.locator(selector).filter({ hasText: pattern }).first()
  await found.waitFor({ timeout: 10_000 }).catch(() => assert.fail(`${picture}: no ${selector} with ${pattern}`))
  const seen = await found.evaluate((element) => {
    const { left, top, right, bottom, width, height } = element.getBoundingClientRect()
    const large = height > window.innerHeight / 2
    const middle = document.elementFromPoint((left + right) / 2, large ? top + 4 : (top + bottom) / 2)
    const inside = left >= 0 && top >= 0 && right <= window.innerWidth && (large || bottom <= window.innerHeight)
    return { inside: inside && width > 0 && height > 0, onTop: middle !== null && (element.contains(middle) || middle.contains(element)) }
  })
  assert.deepEqual(seen, { inside: true, onTop: true }, `${picture}: ${selector} with ${pattern} cannot be seen on it`)
}

/** The state of a scene on a page: its address, what a user does there, and everything that must be seen. */
async function setScene(page, theme, { name, route, does, shows }) {
  await page.evaluate(() => (window.location.hash = '/nowhere'))
  await page.evaluate((hash) => (window.location.hash = hash), route)
  if (does) await does(page)
  for (const [selector, pattern] of shows) await expectShown(page, name, selector, pattern)
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), theme, `${name}: the theme`)
  // Charts draw themselves after the text around them.
  await page.waitForTimeout(1500)
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
      return canvas.toDataURL('image/webp', 0.82)
    },
    `data:image/png;base64,${png.toString('base64')}`
  )
  assert.match(url, /^data:image\/webp/)
  return Buffer.from(url.split(',')[1], 'base64')
}

await ensureBuilt()
const wanted = process.argv.slice(2)
const isWanted = ({ name }) => wanted.length === 0 || wanted.includes(name)
const cli = join(root, 'out', 'main', 'cli.js')
const folder = mkdtempSync(join(tmpdir(), 'saddlescope-pictures-'))
const workspace = join(folder, 'workspace')
const target = join(root, 'docs', 'pictures')
mkdirSync(join(target, 'screens'), { recursive: true })
let server
let browser
try {
  for (const words of workspaceCommands) execFileSync(process.execPath, [cli, ...words, '--workspace', workspace], { stdio: 'inherit' })
  server = await serveWorkspace(workspace)
  browser = await openChromium()
  const open = async (theme, width, height) => {
    const page = await browser.newPage({ viewport: { width, height }, colorScheme: theme })
    await page.goto(server.link)
    await page.getByText('Connected').waitFor()
    return page
  }
  const page = await open('light', 1440, 900)
  for (const scene of pictures.filter(isWanted)) {
    await setScene(page, 'light', scene)
    await page.screenshot({ path: join(target, `${scene.name}.png`) })
    console.log(`docs/pictures/${scene.name}.png`)
  }
  // An encoder outside of the pages that are pictured: their policy allows no pictures from elsewhere.
  const encoder = await browser.newPage()
  for (const theme of ['light', 'dark'])
    for (const scene of states.filter(isWanted)) {
      const own = await open(theme, ...(scene.size ?? [1280, 800]))
      await setScene(own, theme, scene)
      const file = join('screens', `${scene.name}-${theme}.webp`)
      writeFileSync(join(target, file), await toWebp(encoder, await own.screenshot()))
      await own.close()
      console.log(`docs/pictures/${file}`)
    }
} finally {
  await browser?.close()
  await server?.stop()
  rmSync(folder, { recursive: true, force: true })
}
