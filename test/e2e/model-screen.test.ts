// A network from elsewhere in the window: a safetensors file that this test wrote is dropped, its layers read on screen, its loss proved, and its Hessian
// computed; eigenvalues against finite differences of a gradient written down here, weights against the file.
import { existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { npzParts, parseNpy, parseNpz } from '../../src/shared/npy'
import { visit } from './flows'
import { eventually, inPage, makeWorkspace, openBrowser, serve, watchConsole, type Served } from './support'

let browser: Browser
let page: Page
let complaints: string[]
let served: Served
let workspace: ReturnType<typeof makeWorkspace>
const at = (...parts: string[]) => join(workspace.path, ...parts)
const shots = process.env.SADDLESCOPE_SHOTS

beforeAll(async () => {
  workspace = makeWorkspace()
  mkdirSync(dirname(workspace.path), { recursive: true })
  browser = await openBrowser()
  served = await serve(workspace.path)
  page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  complaints = watchConsole(page)
  page.on('filechooser', () => undefined)
  await page.goto(served.link)
  await page.getByText('Connected', { exact: true }).waitFor()
})
afterAll(async () => {
  await browser.close()
  await served.stop()
  workspace.remove()
})

type Tensors = Record<string, { shape: number[]; values: number[] }>

/** u64 header length, JSON, raw little-endian doubles, in the order that is given. */
function safetensors(tensors: Tensors, change: (header: Record<string, { data_offsets: number[] }>) => void = () => undefined): Buffer {
  let end = 0
  const header = Object.fromEntries(
    Object.entries(tensors).map(([name, { shape, values }]) => {
      const offsets = [end, (end += 8 * values.length)]
      return [name, { dtype: 'F64', shape, data_offsets: offsets }]
    })
  )
  change(header)
  const text = Buffer.from(JSON.stringify(header))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(text.length))
  const data = Object.values(tensors).flatMap(({ values }) => values)
  return Buffer.concat([length, text, Buffer.from(Float64Array.from(data).buffer)])
}

/** 3 → 4 → 2, tanh, linear outputs, with biases; some numbers that look like nothing. */
const [inputs, hidden, outputs, samples] = [3, 4, 2, 12]
const some = (count: number, seed: number) => Array.from({ length: count }, (_, k) => Math.sin(12.9898 * (k + 1) + 78.233 * seed))
const x = some(samples * inputs, 1)
const targets = some(samples * outputs, 2)
/** As PyTorch stores them, outputs × inputs; "10.weight" sorts before "2.weight" and comes after it. */
const net = {
  '10.bias': { shape: [outputs], values: some(outputs, 3) },
  '10.weight': { shape: [outputs, hidden], values: some(outputs * hidden, 4) },
  '2.bias': { shape: [hidden], values: some(hidden, 5) },
  '2.weight': { shape: [hidden, inputs], values: some(hidden * inputs, 6) }
}
const start = [...net['2.weight'].values, ...net['2.bias'].values, ...net['10.weight'].values, ...net['10.bias'].values]
const parameters = start.length

/** Mean squared error over samples and outputs, and its gradient, written down from the definition. */
function evaluate(w: readonly number[]): { loss: number; gradient: number[] } {
  const [b1, w2, b2] = [hidden * inputs, hidden * inputs + hidden, hidden * inputs + hidden + outputs * hidden]
  const gradient = Array.from({ length: parameters }, () => 0)
  let loss = 0
  const scale = 1 / (samples * outputs)
  for (let n = 0; n < samples; n++) {
    const units = Array.from({ length: hidden }, (_, j) => {
      let sum = w[b1 + j]
      for (let i = 0; i < inputs; i++) sum += w[j * inputs + i] * x[n * inputs + i]
      return Math.tanh(sum)
    })
    const back = Array.from({ length: hidden }, () => 0)
    for (let k = 0; k < outputs; k++) {
      const out = units.reduce((sum, unit, j) => sum + w[w2 + k * hidden + j] * unit, w[b2 + k])
      const error = out - targets[n * outputs + k]
      loss += scale * error * error
      gradient[b2 + k] += 2 * scale * error
      for (let j = 0; j < hidden; j++) {
        gradient[w2 + k * hidden + j] += 2 * scale * error * units[j]
        back[j] += 2 * scale * error * w[w2 + k * hidden + j]
      }
    }
    for (let j = 0; j < hidden; j++) {
      const slope = back[j] * (1 - units[j] ** 2)
      gradient[b1 + j] += slope
      for (let i = 0; i < inputs; i++) gradient[j * inputs + i] += slope * x[n * inputs + i]
    }
  }
  return { loss, gradient }
}

/** Central differences of the gradient, of fourth order. */
function hessian(): number[][] {
  const h = 1e-3
  const moved = (a: number, by: number) => evaluate(start.map((value, i) => (i === a ? value + by : value))).gradient
  return start.map((_, a) => {
    const [p2, p1, m1, m2] = [2 * h, h, -h, -2 * h].map((by) => moved(a, by))
    return start.map((__, b) => (-p2[b] + 8 * p1[b] - 8 * m1[b] + m2[b]) / (12 * h))
  })
}

/** Ascending, by Jacobi's rotations. */
function eigenvalues(matrix: number[][]): number[] {
  const a = matrix.map((row, i) => row.map((value, j) => (value + matrix[j][i]) / 2))
  const n = a.length
  for (let sweep = 0; sweep < 60; sweep++)
    for (let p = 0; p < n; p++)
      for (let q = p + 1; q < n; q++) {
        if (Math.abs(a[p][q]) < 1e-15) continue
        const theta = (a[q][q] - a[p][p]) / (2 * a[p][q])
        const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1))
        const c = 1 / Math.sqrt(t * t + 1)
        const s = t * c
        for (let k = 0; k < n; k++) [a[k][p], a[k][q]] = [c * a[k][p] - s * a[k][q], s * a[k][p] + c * a[k][q]]
        for (let k = 0; k < n; k++) [a[p][k], a[q][k]] = [c * a[p][k] - s * a[q][k], s * a[p][k] + c * a[q][k]]
      }
  return a.map((row, i) => row[i]).sort((one, other) => one - other)
}

async function drop(...files: [name: string, content: Buffer][]) {
  const given = files.map(([name, content]) => ({ name, bytes: [...content] }))
  const transfer = await page.evaluateHandle(`(() => {
    const transfer = new DataTransfer()
    for (const { name, bytes } of ${JSON.stringify(given)}) transfer.items.add(new File([new Uint8Array(bytes)], name))
    return transfer
  })()`)
  for (const event of ['dragenter', 'dragover', 'drop']) await page.locator('main').dispatchEvent(event, { dataTransfer: transfer })
}
const hash = () => new URL(page.url()).hash
const note = async () => (await page.locator('#look-note').textContent({ timeout: 20_000 })) ?? ''
const cells = (row: Locator) => row.locator('th, td').allTextContents()
const rows = () => page.getByRole('region', { name: 'Layers' }).locator('tbody tr')
const field = (label: string) => page.getByRole('combobox', { name: label, exact: true })
const data = () =>
  Buffer.concat([
    ...npzParts({
      x: { shape: [samples, inputs], data: Float64Array.from(x) },
      y: { shape: [samples, outputs], data: Float64Array.from(targets) }
    })
  ])
const shownNumber = (text: string) => Number(text.replace('−', '-').replace(/[\s\u202f]/g, ''))
async function picture(name: string) {
  if (shots) await page.screenshot({ path: join(shots, `${name}.png`) })
}
const eigenvalueFile = (run: string) => at('runs', run, 'snapshots', 'step-000000', 'eigenvalues.full.npy')

describe('a network from elsewhere', () => {
  it('is dropped on any screen: the layers on screen are the file’s', async () => {
    await visit(page, '#/queue')
    await drop(['mine.safetensors', safetensors(net)])
    await eventually('the Network screen', () => hash().startsWith('#/model'))
    await eventually('two layers', async () => (await rows().count()) === 2)
    expect(await cells(rows().nth(0))).toEqual([
      '1',
      '2.weight',
      '2.bias',
      '3 → 4',
      '4 × 3',
      'out × in, turned',
      'float64',
      'not said',
      '16'
    ])
    expect((await cells(rows().nth(1))).slice(1, 5)).toEqual(['10.weight', '10.bias', '4 → 2', '2 × 4'])
    expect(await page.locator('[data-facts]').textContent()).toContain('3 → 4 → 2; with biases; 26 parameters')
    expect(await page.locator('[data-total]').textContent()).toContain(`P = ${parameters} parameters`)
    expect(await note()).toBe('Still to be said: the activation, the output activation, the loss, the data.')
    expect(await page.getByRole('button', { name: 'Look', exact: true }).isDisabled()).toBe(true)
    await picture('model-asked')
  })

  it('is found again by its address after a reload', async () => {
    expect(decodeURIComponent(hash())).toMatch(/^#\/model\?path=.*[\\/]uploads[\\/].*mine\.safetensors$/)
    await page.reload()
    await eventually('two layers', async () => (await rows().count()) === 2)
    expect((await cells(rows().nth(1)))[1]).toBe('10.weight')
  })

  it('takes samples that are dropped beside it as its data', async () => {
    await drop(['samples.npz', data()])
    await eventually('the data named', async () => !(await note()).includes('the data'))
    expect(hash()).toMatch(/^#\/model/)
    expect(await page.getByLabel('Path', { exact: true }).inputValue()).toMatch(/[\\/]samples\.npz$/)
  })

  it('says at the field what is wrong with an answer', async () => {
    await field('Activation').selectOption('tanh')
    await field('Output activation').selectOption('identity')
    await field('Loss').selectOption('mse')
    await eventually('all said', async () => (await note()).startsWith('It becomes a run'))
    await page.getByRole('button', { name: 'Add a transform' }).click()
    await page.getByLabel('Divide by', { exact: true }).fill('0')
    await eventually('the fault', async () => (await note()).includes('1 fault'))
    const fault = page.locator('.field.bad')
    expect(await fault.locator('label').textContent()).toContain('Divide by')
    expect(await fault.locator('.fault').textContent()).toContain('must not be 0')
    await page.getByRole('button', { name: 'Remove Transform 1' }).click()
    await eventually('no fault', async () => (await note()).startsWith('It becomes a run'))
  })

  it('is refused with the loss that was found where another is expected', async () => {
    const { loss } = evaluate(start)
    const expected = page.getByLabel('Expected loss (optional)')
    await expected.fill('about 1')
    expect(await note()).toBe('The expected loss is no number.')
    await expected.fill(String(loss * (1 + 1e-6)))
    await page.getByRole('button', { name: 'Look', exact: true }).click()
    const refusal = page.locator('.note.bad').filter({ hasText: 'not the expected' })
    const said = (await refusal.textContent({ timeout: 60_000 })) ?? ''
    const [, found] = /on all 12 training samples is (\S+) \(mse/.exec(said) ?? []
    expect(Math.abs(Number(found) - loss) / loss).toBeLessThan(1e-12)
    expect(existsSync(at('runs')) ? readdirSync(at('runs')).filter((name) => !name.startsWith('.')) : []).toEqual([])
    await picture('model-refused')
    await expected.fill(String(loss))
  })

  it.each([
    [1440, 900, 'light'],
    [1024, 700, 'dark']
  ] as const)('fits a window of %d × %d (%s), with Look in sight', async (width, height, theme) => {
    await page.setViewportSize({ width, height })
    await page.evaluate(`document.documentElement.dataset.theme = ${JSON.stringify(theme)}`)
    const look = page.getByRole('button', { name: 'Look', exact: true })
    await look.scrollIntoViewIfNeeded()
    const seen = await look.evaluate(
      inPage<{ inside: boolean; wide: boolean; colour: string }>(`
        const { left, top, right, bottom } = element.getBoundingClientRect()
        const body = element.closest('.body[tabindex]')
        const inside = left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight
        return { inside, wide: body.scrollWidth > body.clientWidth, colour: getComputedStyle(element).backgroundColor }
      `)
    )
    expect([seen.inside, seen.wide]).toEqual([true, false])
    expect(seen.colour).toMatch(/^rgb\(/)
    await picture(`model-filled-${width}-${theme}`)
  })

  it('by Look becomes a run at step 0 with the file’s weights, and its full Hessian’s eigenvalues are those of an independent one', async () => {
    await page.getByRole('button', { name: 'Look', exact: true }).click()
    await eventually('the run on screen', () => hash().startsWith('#/run/mine/spectrum'), 60)
    await eventually('its eigenvalues', () => existsSync(eigenvalueFile('mine')), 60)
    const status = JSON.parse(readFileSync(at('runs', 'mine', 'status.json'), 'utf8')) as { state: string; step: number }
    expect([status.state, status.step]).toEqual(['done', 0])
    const stored = await parseNpz(readFileSync(at('runs', 'mine', 'inputs', 'init.npz')), 'init.npz')
    const turned = (values: readonly number[], lines: number, columns: number) =>
      Array.from({ length: lines * columns }, (_, k) => values[(k % lines) * columns + Math.floor(k / lines)])
    expect([...stored.W1.data]).toEqual(turned(net['2.weight'].values, hidden, inputs))
    expect([...stored.W2.data]).toEqual(turned(net['10.weight'].values, outputs, hidden))
    expect([...stored.b1.data]).toEqual(net['2.bias'].values)
    expect([...stored.b2.data]).toEqual(net['10.bias'].values)
    const found = [...(parseNpy(readFileSync(eigenvalueFile('mine')), 'eigenvalues').data as Float64Array)]
    const right = eigenvalues(hessian())
    expect(found.length).toBe(parameters)
    for (const [k, value] of right.entries()) expect(Math.abs(found[k] - value), `eigenvalue ${k}`).toBeLessThan(1e-9)
    const figures = page.getByTestId('spectrum-figures')
    await figures.waitFor({ timeout: 30_000 })
    const [least, greatest] = await figures.locator('strong').allTextContents()
    expect(shownNumber(least)).toBeCloseTo(right[0], 4)
    expect(shownNumber(greatest)).toBeCloseTo(right[parameters - 1], 4)
    await eventually('the checks', async () => /^verified: \d checks$/.test((await page.getByTestId('checks').first().textContent()) ?? ''))
    await eventually('no uploads left', () => readdirSync(at('uploads')).length === 0)
    await picture('model-run')
  })
})

describe('a file that leaves its order open', () => {
  it('is asked, and the layers follow the answer', async () => {
    const square = (seed: number) => ({ shape: [3, 3], values: some(9, seed) })
    await drop(['order.safetensors', safetensors({ decoder: square(1), encoder: square(2) })])
    const orders = field('Order of the layers (more than one fits by shape)')
    await orders.waitFor({ timeout: 20_000 })
    expect(await note()).toMatch(/^Still to be said: the order of the layers, /)
    await orders.selectOption({ label: 'encoder → decoder' })
    await eventually('the order asked for', async () => (await cells(rows().nth(0)))[1] === 'encoder')
    expect((await cells(rows().nth(1)))[1]).toBe('decoder')
    expect(await note()).not.toContain('the order')
    await page.getByRole('button', { name: 'Put away' }).click()
    await page.getByText('A network from elsewhere').waitFor()
  })
})

describe('a file that is not right', () => {
  it.each<[string, Buffer, RegExp]>([
    ['words.safetensors', Buffer.from('these are no weights at all'), /^words\.safetensors: its header claims \d+ bytes, the file has/],
    [
      'overlap.safetensors',
      safetensors(net, (header) => void (header['10.weight'].data_offsets = [0, 64])),
      /^overlap\.safetensors: tensors .* overlap at byte 0 of the data$|^overlap\.safetensors: .*overlap/
    ],
    ['old.pt', Buffer.from('not a zip'), /^old\.pt: is no zip, as PyTorch writes since 1\.6/]
  ])('%s gets one sentence, and gives way to the next', async (name, content, why) => {
    await drop([name, content])
    const refused = page.locator('.refused').filter({ hasText: name })
    await refused.waitFor({ timeout: 20_000 })
    expect(((await refused.textContent()) ?? '').trim()).toMatch(why)
    expect(await rows().count()).toBe(0)
    expect(await page.getByRole('button', { name: 'Look', exact: true }).count()).toBe(0)
  })

  it('leaves nothing behind when it is put away', async () => {
    await page.getByRole('button', { name: 'Put away' }).click()
    await page.locator('.refused').waitFor({ state: 'detached' })
    await eventually('no uploads left', () => readdirSync(at('uploads')).length === 0)
    expect(hash()).toBe('#/model')
  })

  it('nothing was complained about on the console', () => expect(complaints).toEqual([]))
})
