// The snapshot library: what it says of sizes, what pruning promises and frees, pins, two side by side, arrays from elsewhere, the disk budget; all against the disk.
import { execFile, spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bytesOnPage } from '../../src/shared/format/bytes'
import { formatNpy } from '../../src/shared/npy'
import { visit } from './flows'
import { layoutFaults } from './layout'
import { eventually, inPage, makeWorkspace, openBrowser, root, serve, watchConsole, type Served } from './support'

let browser: Browser
let page: Page
let complaints: string[]
let served: Served
let workspace: ReturnType<typeof makeWorkspace>
const cli = join(root, 'out', 'main', 'cli.js')
const at = (...parts: string[]) => join(workspace.path, ...parts)
const outside = (name: string) => join(dirname(workspace.path), name)
const run = promisify(execFile)

const spec = (name: string, more: object) => ({
  schemaVersion: 1,
  name,
  data: { dataset: 'xor' },
  model: { layers: [2, 12, 2], activation: { kind: 'tanh' }, bias: true },
  loss: 'half-sse',
  optimizer: { kind: 'sfn', scope: 'full', damping: { kind: 'abs-of-shifted', value: 0.1 }, learningRate: 0.1 },
  checkpoints: { everySteps: 10, keep: 1 },
  snapshots: { everySteps: 10, hessian: true },
  budget: { steps: 80 },
  ...more
})
function specFile(name: string, content: object): string {
  writeFileSync(outside(name), JSON.stringify(content))
  return outside(name)
}

beforeAll(async () => {
  workspace = makeWorkspace()
  browser = await openBrowser()
  const make = (id: string, content: object) =>
    run(process.execPath, [cli, 'run', specFile(`${id}.json`, content), '--id', id, '--workspace', workspace.path])
  await make('alpha', spec('Alpha with Hessians', {}))
  await make(
    'beta',
    spec('Beta without', { optimizer: { kind: 'gd', learningRate: 0.1 }, snapshots: { everySteps: 10 }, budget: { steps: 20 } })
  )
  served = await serve(workspace.path)
  page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  complaints = watchConsole(page)
  await page.goto(served.link)
  await page.getByText('Connected').waitFor()
})
afterAll(async () => {
  expect(complaints).toEqual([])
  await browser.close()
  await served.stop()
  workspace.remove()
})

const bytesBelow = (path: string): number =>
  readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
const stepFolder = (id: string, step: number) => at('runs', id, 'snapshots', `step-${String(step).padStart(6, '0')}`)
const stepsOf = (id: string) =>
  readdirSync(at('runs', id, 'snapshots'))
    .filter((name) => /^step-\d+$/.test(name))
    .map((name) => Number(name.slice(5)))
const matrixBytes = (id: string, step: number) =>
  readdirSync(stepFolder(id, step))
    .filter((name) => name.startsWith('hessian.'))
    .reduce((sum, name) => sum + statSync(join(stepFolder(id, step), name)).size, 0)
const pinned = (id: string) =>
  (JSON.parse(readFileSync(at('runs', id, 'meta.json'), 'utf8')) as { pinnedSnapshots?: number[] }).pinnedSnapshots ?? []

const table = () => page.getByRole('table', { name: 'Snapshots' })
const row = (id: string, step: number) => table().locator(`[data-row="${id}/${step}"]`)
const rowKeys = () =>
  table()
    .locator('[data-row]')
    .evaluateAll(inPage<string[]>('return element.map((one) => one.dataset.row)') as never) as Promise<string[]>
const columns = { step: 2, bytes: 3, hessian: 4 }
const cell = async (id: string, step: number, place: number) =>
  ((await row(id, step).getByRole('cell').nth(place).textContent()) ?? '').trim()
const tick = (id: string, step: number) => row(id, step).getByRole('checkbox').click()
const dialog = () => page.getByRole('dialog')
/** What the preview says in all, to the byte. */
async function promised(): Promise<{ bytes: number; count: number }> {
  const sum = dialog().locator('.sum')
  await sum.waitFor()
  return { bytes: Number(await sum.getAttribute('data-bytes')), count: Number(await sum.getAttribute('data-count')) }
}
async function notice(pattern: RegExp): Promise<string> {
  const found = page.locator('.overlay-toast').filter({ hasText: pattern }).first()
  const text = (await found.locator('.overlay-toast-text').textContent({ timeout: 30_000 })) ?? ''
  await found.getByRole('button', { name: 'Dismiss' }).click()
  return text
}
async function drop(name: string, content: Buffer) {
  const transfer = await page.evaluateHandle(`(() => {
    const transfer = new DataTransfer()
    transfer.items.add(new File([new Uint8Array(${JSON.stringify([...content])})], ${JSON.stringify(name)}))
    return transfer
  })()`)
  await page.locator('main').dispatchEvent('dragenter', { dataTransfer: transfer })
  await page.locator('main').dispatchEvent('drop', { dataTransfer: transfer })
}
const shownValue = async (name: string) =>
  (await page
    .locator('.array dl > div')
    .filter({ has: page.getByText(name, { exact: true }) })
    .locator('dd')
    .textContent()) ?? ''

describe('the list', () => {
  it('shows the sizes of the disk, in all and of the Hessians alone, and sorts by either', async () => {
    await visit(page, '#/snapshots')
    await row('alpha', 80).waitFor()
    const all = [...stepsOf('alpha').map((step) => ['alpha', step] as const), ...stepsOf('beta').map((step) => ['beta', step] as const)]
    for (const [id, step] of all) {
      expect(await cell(id, step, columns.bytes)).toBe(bytesOnPage(bytesBelow(stepFolder(id, step))))
      expect(await cell(id, step, columns.hessian)).toBe(id === 'beta' ? '–' : bytesOnPage(matrixBytes(id, step)))
    }
    const total = all.reduce((sum, [id, step]) => sum + bytesBelow(stepFolder(id, step)), 0)
    const hessians = all.reduce((sum, [id, step]) => sum + matrixBytes(id, step), 0)
    await page.getByText(`${all.length} snapshots, ${bytesOnPage(total)} (Hessians ${bytesOnPage(hessians)})`).waitFor()
    await table().getByRole('columnheader', { name: 'After step' }).getByRole('button').click()
    const bySteps = [...all].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([id, step]) => `${id}/${step}`)
    await eventually('the order by step', async () => JSON.stringify(await rowKeys()) === JSON.stringify(bySteps))
  })

  it('is narrowed by words, optimizer, Hessian and pin, and the address keeps it', async () => {
    await page.getByRole('searchbox', { name: 'Filter snapshots' }).fill('beta xor')
    await eventually('those of one run', async () => (await rowKeys()).length === stepsOf('beta').length)
    await page.getByRole('searchbox', { name: 'Filter snapshots' }).fill('')
    await page.getByLabel('Optimizer', { exact: true }).selectOption('sfn')
    await eventually('those of one optimizer', async () => (await rowKeys()).every((key) => key.startsWith('alpha/')))
    await page.getByLabel('Optimizer', { exact: true }).selectOption({ label: 'Any optimizer' })
    await page.getByRole('group', { name: 'Only those that are' }).getByRole('checkbox', { name: 'With Hessian' }).click()
    await eventually('those with a Hessian', async () => (await rowKeys()).length === stepsOf('alpha').length)
    expect(page.url()).toContain('hessian=1')
    await page.getByRole('group', { name: 'Only those that are' }).getByRole('checkbox', { name: 'Pinned' }).click()
    await page.getByText('No snapshot matches the filter').waitFor()
    await page.getByRole('button', { name: 'Clear the filter' }).click()
    await row('beta', 10).waitFor()
  })

  it('pins one in its row and many at once, as meta.json says', async () => {
    await row('alpha', 40).getByRole('button', { name: /^Pin/ }).click()
    await eventually('the pin on the disk', () => JSON.stringify(pinned('alpha')) === '[40]')
    for (const step of [50, 60]) await tick('alpha', step)
    await tick('beta', 10)
    await page.getByText(/^3 ticked/).waitFor()
    await page.getByRole('group', { name: 'Ticked snapshots' }).getByRole('button', { name: 'Pin', exact: true }).click()
    await eventually('the pins of two runs', () => JSON.stringify([pinned('alpha'), pinned('beta')]) === '[[40,50,60],[10]]')
    await notice(/Pinned 3 snapshots/)
    await page.getByRole('group', { name: 'Ticked snapshots' }).getByRole('button', { name: 'Unpin' }).click()
    await eventually('unpinned again', () => JSON.stringify([pinned('alpha'), pinned('beta')]) === '[[40],[]]')
    await page.getByRole('button', { name: 'Clear', exact: true }).click()
  })
})

describe('two ticked', () => {
  it('open side by side: Hessians where both have one, else spectra', async () => {
    await tick('alpha', 20)
    await tick('alpha', 40)
    await page.getByRole('button', { name: 'Compare their Hessians' }).click()
    await eventually('the address', () =>
      decodeURIComponent(page.url()).includes('#/run/alpha/hessian?step=20&block=full&beside=alpha:40/full')
    )
    await page.getByText('Hessian full after step 40').first().waitFor()
    await visit(page, '#/snapshots')
    await tick('alpha', 20)
    await tick('beta', 10)
    await page.getByRole('button', { name: 'Compare their spectra' }).click()
    await eventually('the address', () =>
      decodeURIComponent(page.url()).includes('#/run/alpha/spectrum?step=20&block=full&with=beta:10/full')
    )
    await page
      .getByTestId('overlays')
      .getByText(/after step 10/)
      .waitFor()
    await visit(page, '#/snapshots')
    await row('alpha', 20).waitFor()
  })
})

describe('pruning', () => {
  // 0 … 80: every third from the first stays (0, 30, 60), the last and the pinned 40.
  const going = [10, 20, 50, 70]

  it.each([
    ['Hessians only', true],
    ['Whole snapshots', false]
  ] as const)('%s: the preview lists what would go to the byte, nothing goes before, and then just that', async (choice, hessians) => {
    const before = bytesBelow(at('runs', 'alpha', 'snapshots'))
    const whole = going.reduce((sum, step) => sum + bytesBelow(stepFolder('alpha', step)), 0)
    const matrices = going.reduce((sum, step) => sum + matrixBytes('alpha', step), 0)
    await page.getByRole('button', { name: 'Prune…' }).click()
    await dialog().getByLabel('Of these snapshots').selectOption({ label: 'Alpha with Hessians (9)' })
    await dialog().getByLabel('Keep every n-th of a run too').fill('3')
    await dialog()
      .getByRole('radio', { name: choice })
      .or(dialog().getByRole('button', { name: choice }))
      .click()
    const { bytes } = await eventually('the preview', async () => {
      const found = await promised()
      return found.count === going.length && (hessians ? found.bytes < whole : found.bytes === whole) ? found : null
    })
    // Of Hessians alone the manifests get shorter too, by what they said of them.
    if (hessians) expect(bytes - matrices).toBeLessThan(going.length * 1000)
    if (hessians) expect(bytes).toBeGreaterThan(matrices)
    const listed = dialog().getByRole('table', { name: 'What would go' }).locator('[data-row]')
    expect(await listed.evaluateAll(inPage<string[]>('return element.map((one) => one.dataset.row)') as never)).toEqual(
      going.map((step) => `alpha/${step}`)
    )
    if (!hessians)
      for (const step of going)
        expect(await dialog().locator(`[data-row="alpha/${step}"]`).getByRole('cell').nth(2).textContent()).toContain(
          bytesOnPage(bytesBelow(stepFolder('alpha', step)))
        )
    expect(bytesBelow(at('runs', 'alpha', 'snapshots'))).toBe(before)
    expect(await layoutFaults(page)).toEqual([])
    await dialog()
      .getByRole('button', { name: `Delete ${bytesOnPage(bytes)}` })
      .click()
    expect(await notice(/are free again/)).toBe(
      `Deleted ${hessians ? 'the Hessians of ' : ''}4 snapshots: ${bytesOnPage(bytes)} are free again, as the preview said.`
    )
    expect(before - bytesBelow(at('runs', 'alpha', 'snapshots'))).toBe(bytes)
    expect(stepsOf('alpha')).toEqual(hessians ? [0, 10, 20, 30, 40, 50, 60, 70, 80] : [0, 30, 40, 60, 80])
    if (hessians) await eventually('the list', async () => (await cell('alpha', 50, columns.hessian)) === '–')
    else await row('alpha', 50).waitFor({ state: 'detached' })
  })

  it('leaves a run alone that is being worked on, and says so', async () => {
    const long = spec('Long run', {
      budget: { steps: 10_000_000 },
      optimizer: { kind: 'gd', learningRate: 0.001 },
      snapshots: { everySteps: 5 }
    })
    const theirs = spawn(process.execPath, [cli, 'run', specFile('long.json', long), '--id', 'long', '--workspace', workspace.path], {
      stdio: 'ignore'
    })
    const ended = new Promise((done) => theirs.on('close', done))
    try {
      await eventually('some snapshots', () => existsSync(at('runs', 'long', 'snapshots')) && stepsOf('long').length >= 4)
      await table().locator('[data-row^="long/"]').first().waitFor()
      await page.getByRole('button', { name: 'Prune…' }).click()
      const source = dialog().getByLabel('Of these snapshots')
      await source.selectOption((await source.locator('option', { hasText: 'Long run' }).getAttribute('value')) ?? '')
      await dialog()
        .getByText(/run "long" is being worked on; pause or stop it first/)
        .waitFor()
      expect(await dialog().getByRole('button', { name: 'Delete', exact: true }).isDisabled()).toBe(true)
      await dialog().getByRole('button', { name: 'Cancel' }).click()
    } finally {
      theirs.kill('SIGKILL')
      await ended
    }
  })
})

describe('deleting single ones', () => {
  it('asks first with the size, leaves the pinned, and deletes just what was asked for', async () => {
    const bytes = bytesBelow(stepFolder('alpha', 60))
    await row('alpha', 60)
      .getByRole('button', { name: /^Actions for/ })
      .click()
    await page.getByRole('menuitem', { name: /^Delete/ }).click()
    await dialog().getByText('Delete the snapshot of “Alpha with Hessians” after step 60?').waitFor()
    expect(await eventually('the size', async () => (await promised()).bytes || null)).toBe(bytes)
    await dialog().getByRole('button', { name: 'Keep' }).click()
    expect(existsSync(stepFolder('alpha', 60))).toBe(true)
    await tick('alpha', 60)
    await tick('alpha', 40)
    await page.getByRole('group', { name: 'Ticked snapshots' }).getByRole('button', { name: 'Delete…' }).click()
    await dialog().getByText('One of them is pinned and stays').waitFor()
    await dialog()
      .getByRole('button', { name: `Delete ${bytesOnPage(bytes)}` })
      .click()
    await notice(/Deleted 1 snapshot/)
    expect(stepsOf('alpha')).toEqual([0, 30, 40, 80])
    await row('alpha', 60).waitFor({ state: 'detached' })
  })
})

describe('an array from elsewhere', () => {
  const n = 9
  const symmetric = Float64Array.from({ length: n * n }, (_, k) => Math.cos((Math.floor(k / n) + 1) * ((k % n) + 1)))

  it('a matrix: what was understood is said, and it opens as a Hessian with the entries of the file', async () => {
    await drop('theirs.npy', Buffer.from(formatNpy({ shape: [n, n], data: symmetric })))
    await page.getByRole('heading', { name: 'theirs.npy' }).waitFor()
    await eventually('what it is', async () => (await shownValue('Taken for').catch(() => '')).includes('a Hessian'))
    expect(page.url()).toContain('#/snapshots')
    expect(await shownValue('Shape')).toBe('9 × 9')
    expect(await shownValue('Numbers')).toBe('float64, little endian, C order (row by row)')
    expect(await shownValue('Symmetric')).toBe('yes, exactly')
    expect(existsSync(at('runs', 'theirs'))).toBe(false)
    await page.getByRole('button', { name: 'Open', exact: true }).click()
    await page.waitForURL(/#\/run\/theirs\/hessian/)
    const stored = readFileSync(at('runs', 'theirs', 'snapshots', 'step-000000', 'hessian.full.npy'))
    expect(Buffer.from(stored.subarray(stored.length - 8 * n * n)).equals(Buffer.from(symmetric.buffer))).toBe(true)
    await eventually('no upload left', () => readdirSync(at('uploads')).length === 0)
  })

  it('eigenvalues by the picker; one that is not symmetric is refused and nothing of it stays', async () => {
    await visit(page, '#/snapshots')
    const values = Float64Array.from([3, -1, 0.5, -7])
    writeFileSync(outside('list.npy'), formatNpy({ shape: [4], data: values }))
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.getByRole('button', { name: 'Open .npy…' }).click()])
    await chooser.setFiles(outside('list.npy'))
    await eventually('what it is', async () => (await shownValue('Taken for').catch(() => '')).includes('a list of eigenvalues'))
    expect(await shownValue('Shape')).toBe('4 values')
    expect(await shownValue('Eigenvalues')).toContain('2 below 0')
    await page.getByRole('button', { name: 'Put away' }).click()
    await eventually('no upload left', () => readdirSync(at('uploads')).length === 0)
    const skew = Float64Array.from(symmetric)
    skew[1] += 0.5
    await drop('skew.npy', Buffer.from(formatNpy({ shape: [n, n], data: skew })))
    await page.getByText(/cannot be opened as a Hessian: it is not symmetric/).waitFor()
    expect(await page.getByRole('button', { name: 'Open', exact: true }).isDisabled()).toBe(true)
    await page.getByRole('button', { name: 'Put away' }).click()
    await eventually('no upload left', () => readdirSync(at('uploads')).length === 0)
    expect(existsSync(at('runs', 'skew'))).toBe(false)
  })
})

describe('the disk budget', () => {
  const setBudget = (bytes: number | null) => {
    const settings = existsSync(at('settings.json')) ? (JSON.parse(readFileSync(at('settings.json'), 'utf8')) as object) : {}
    return { ...settings, ...(bytes === null ? {} : { diskBudget: bytes }) }
  }

  it('is warned of on every screen before it is passed, in the New-run form, and on the command line', async () => {
    await page.goto('about:blank')
    await served.stop()
    const used = bytesBelow(workspace.path)
    writeFileSync(at('settings.json'), JSON.stringify(setBudget(Math.round(used * 1.05))))
    served = await serve(workspace.path)
    await page.goto(served.link)
    const banner = page.locator('[data-budget]')
    await banner.waitFor()
    const text = (await banner.textContent()) ?? ''
    expect(text).toContain(`of its disk budget of ${bytesOnPage(Math.round(used * 1.05))}`)
    expect(Number(/\((\d+)/.exec(text)?.[1])).toBeGreaterThanOrEqual(90)
    await visit(page, '#/snapshots')
    await page.getByRole('link', { name: /^Workspace .* of .* budget$/ }).waitFor()
    await visit(page, '#/new?preset=sfn-mnist10')
    await page.getByText(/with up to .* of the run the workspace would pass its disk budget: .* are left/).waitFor()
    const big = spec('Big', { snapshots: { everySteps: 1, hessian: true }, budget: { steps: 500 } })
    const refused = await run(process.execPath, [
      cli,
      'run',
      specFile('big.json', big),
      '--id',
      'big',
      '--workspace',
      workspace.path
    ]).catch((error: { code: number; stderr: string }) => error)
    expect('code' in refused && refused.code).toBe(2)
    expect(refused.stderr).toMatch(/would pass its disk budget: .* are used, .* are left \(--force starts it all the same\)/)
    expect(existsSync(at('runs', 'big'))).toBe(false)
    const answer = await run(process.execPath, [cli, 'prune', 'alpha', '--dry-run', '--json', '--workspace', workspace.path])
    const [dry] = JSON.parse(answer.stdout) as { steps: number[]; bytes: number }[]
    expect(dry.steps).toEqual([30])
    expect(dry.bytes).toBe(bytesBelow(stepFolder('alpha', 30)))
    expect(existsSync(stepFolder('alpha', 30))).toBe(true)
    await visit(page, '#/trash')
    await banner.getByRole('button', { name: 'Dismiss' }).click()
    await banner.waitFor({ state: 'detached' })
  })
})

it.each([
  [1440, 900, 'light'],
  [1024, 700, 'dark']
] as const)('nothing is clipped or over anything at %d × %d (%s), with rows ticked and a menu open', async (width, height, theme) => {
  await page.setViewportSize({ width, height })
  await page.evaluate(`document.documentElement.dataset.theme = '${theme}'`)
  await visit(page, '#/snapshots')
  await row('alpha', 80).waitFor()
  await tick('alpha', 80)
  expect(await layoutFaults(page)).toEqual([])
  await row('alpha', 80)
    .getByRole('button', { name: /^Actions for/ })
    .click()
  const menu = page.getByRole('menu')
  await menu.waitFor()
  const { right, bottom } = await menu.evaluate(
    inPage<{ right: number; bottom: number }>('return element.getBoundingClientRect().toJSON()')
  )
  expect([right <= width, bottom <= height]).toEqual([true, true])
  await page.keyboard.press('Escape')
  await tick('alpha', 80)
})
