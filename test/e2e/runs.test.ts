// The table of runs, the trash and the queue against the files: every figure on screen is computed again here from what is on disk.
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { visit } from './flows'
import { layoutFaults } from './layout'
import { eventually, inPage, makeWorkspace, openBrowser, root, serve, watchConsole, type Served } from './support'

const execute = promisify(execFile)
let browser: Browser
let page: Page
let served: Served
let complaints: string[]
const workspace = makeWorkspace()

interface Made {
  readonly id: string
  readonly name: string
}
const made: Made[] = []

/** Little nets that are trained in no time. */
const specOf = (name: string, seed: number, optimizer: object, tags: string[]) => ({
  schemaVersion: 1,
  name,
  seed,
  tags,
  data: { dataset: 'xor' },
  model: { layers: [2, 4, 2], activation: { kind: 'tanh' } },
  loss: 'softmax-cross-entropy',
  optimizer,
  budget: { steps: 30 },
  evaluate: { everySteps: 10 }
})
const specs = [
  specOf('Plain 1', 1, { kind: 'gd', learningRate: 0.5 }, ['sweep']),
  specOf('Plain 2', 2, { kind: 'gd', learningRate: 0.5 }, ['sweep', 'second']),
  specOf('Plain 3', 3, { kind: 'gd', learningRate: 0.25 }, ['sweep']),
  specOf('Adam 1', 1, { kind: 'adam', learningRate: 0.05 }, []),
  specOf('Adam 2', 2, { kind: 'adam', learningRate: 0.05 }, []),
  specOf('Saddle-free', 1, { kind: 'sfn', learningRate: 0.5 }, ['second'])
]

beforeAll(async () => {
  const folder = join(workspace.path, '..', 'specs')
  mkdirSync(folder, { recursive: true })
  for (const [place, spec] of specs.entries()) {
    const path = join(folder, `${place}.json`)
    writeFileSync(path, JSON.stringify(spec))
    const words = ['run', path, '--workspace', workspace.path, '--id', `run-${place}`]
    await execute(process.execPath, [join(root, 'out', 'main', 'cli.js'), ...words])
    made.push({ id: `run-${place}`, name: spec.name })
  }
  served = await serve(workspace.path)
  browser = await openBrowser()
  page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  complaints = watchConsole(page)
  await page.goto(served.link)
  await page.getByText('Connected').waitFor()
})
afterAll(async () => {
  await browser.close()
  await served.stop()
  workspace.remove()
})

const runFile = (id: string, name: string) => join(workspace.path, 'runs', id, name)
const json = (id: string, name: string) => JSON.parse(readFileSync(runFile(id, name), 'utf8'))
const lines = (id: string): Record<string, number>[] =>
  readFileSync(runFile(id, 'metrics.ndjson'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
const column = (id: string, name: string) => lines(id).flatMap((line) => (typeof line[name] === 'number' ? [line[name]] : []))
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
const deviation = (values: readonly number[]) =>
  Math.sqrt(values.reduce((sum, value) => sum + (value - mean(values)) ** 2, 0) / (values.length - 1))
const bytesBelow = (path: string): number =>
  readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)

/** The number a text begins with, as people read it: `−1.25e−3`, `50.0 %`, `12.3 kB`. */
function numberIn(text: string): number {
  const found = /^±?\s*([−-]?[\d.]+(?:e[−-]?\d+)?)\s*(%|kB|MB|B)?/.exec(text.trim().replaceAll('\u202f', ' '))
  const units: Record<string, number> = { '%': 0.01, B: 1, kB: 1e3, MB: 1e6 }
  return Number(found?.[1].replaceAll('−', '-') ?? NaN) * (units[found?.[2] ?? ''] ?? 1)
}
/** Equal but for the rounding to so many digits. */
const expectRounded = (shown: string, value: number, digits: number, what: string) =>
  expect(Math.abs(numberIn(shown) - value), `${what}: “${shown}” against ${value}`).toBeLessThanOrEqual(
    Math.abs(value) * 0.51 * 10 ** (1 - digits) + 1e-12
  )

/** Texts of the cells of a row or group under their headings; the lines of a cell are apart. */
async function cells(selector: string): Promise<Record<string, string[]>> {
  const row = page.locator(selector).first()
  await row.waitFor()
  const headings = await page.getByRole('columnheader').evaluateAll(inPage<string[]>('return element.map((one) => one.textContent.trim())'))
  const texts = await row.getByRole('cell').evaluateAll(inPage<string[]>('return element.map((one) => one.innerText.trim())'))
  return Object.fromEntries(headings.map((heading, place) => [heading, (texts[place] ?? '').split('\n').map((line) => line.trim())]))
}
const rowOf = (id: string) => `[role=row][data-row="${id}"]`
const groupOf = (key: string) => `[role=row][data-group="${key}"]`

async function menu(name: string, item: string | RegExp) {
  await page.getByRole('button', { name: `Actions for ${name}`, exact: true }).click()
  await page.getByRole('menuitem', { name: item }).click()
}
const chosen = [
  'spec:optimizer.learningRate',
  'spec:seed',
  'spec:model.layers',
  'metric:gradNorm:min',
  'metric:loss:12',
  'metric:testLoss:last'
]

describe('columns of any field and metric', () => {
  it('are chosen from lists with a search, and kept in the settings', async () => {
    await visit(page, '/')
    await page.getByRole('button', { name: 'Columns' }).click()
    await page.getByRole('menuitem', { name: /Fields of the spec, metrics/ }).click()
    const dialog = page.getByRole('dialog')
    const search = dialog.getByRole('searchbox')
    const tick = async (word: string, label: string) => {
      await search.fill(word)
      await dialog.getByRole('checkbox', { name: label, exact: true }).click()
    }
    await tick('learning', 'optimizer.learningRate')
    await tick('seed', 'seed')
    await tick('layers', 'model.layers')
    await dialog
      .getByRole('radio', { name: 'min' })
      .or(dialog.getByRole('button', { name: 'min', exact: true }))
      .first()
      .click()
    await tick('gradNorm', 'Gradient norm')
    await dialog
      .getByRole('radio', { name: 'at step' })
      .or(dialog.getByRole('button', { name: 'at step', exact: true }))
      .first()
      .click()
    await dialog.getByLabel('Step', { exact: true }).fill('12')
    await search.fill('loss')
    await dialog
      .getByRole('region', { name: 'Metrics' })
      .locator('li', { has: page.getByText('loss', { exact: true }) })
      .getByRole('checkbox')
      .click()
    await dialog
      .getByRole('radio', { name: 'last' })
      .or(dialog.getByRole('button', { name: 'last', exact: true }))
      .first()
      .click()
    await search.fill('testLoss')
    await dialog
      .locator('li', { has: page.getByText('testLoss', { exact: true }) })
      .getByRole('checkbox')
      .click()
    await dialog.getByRole('button', { name: 'Done' }).click()
    const stored = await eventually('the settings', () => {
      const path = join(workspace.path, 'settings.json')
      const columns = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')).runsColumns as string[] | undefined) : undefined
      return columns?.includes('metric:testLoss:last') ? columns : null
    })
    expect(stored.filter((id) => id.includes(':'))).toEqual(chosen)
  })

  it('show what is in spec.json and metrics.ndjson, after a reload too', async () => {
    await page.reload()
    await page.getByText('Connected').waitFor()
    for (const { id, name } of made) {
      const shown = await eventually('the values', async () => {
        const now = await cells(rowOf(id))
        const heading = Object.keys(now).find((one) => one.startsWith('Test loss'))
        return heading && !['…', ''].includes(now[heading][0]) ? now : null
      })
      const spec = json(id, 'spec.json')
      const at = (part: string) => shown[Object.keys(shown).find((one) => one.includes(part)) ?? '']?.[0] ?? ''
      expect(at('optimizer.learningRate'), name).toBe(String(spec.optimizer.learningRate))
      expect(at('seed'), name).toBe(String(spec.seed))
      expect(at('model.layers'), name).toBe(JSON.stringify(spec.model.layers))
      expectRounded(at('Gradient norm, min'), Math.min(...column(id, 'gradNorm')), 4, `${name}, gradient norm`)
      expectRounded(at('at step 12'), lines(id)[11].loss, 4, `${name}, loss of step 12`)
      expectRounded(at('Test loss, last'), column(id, 'testLoss').at(-1) ?? NaN, 4, `${name}, test loss`)
      expectRounded(shown.Step[0], lines(id).length, 4, `${name}, steps`)
    }
    expect(complaints).toEqual([])
  })

  it('are sorted by', async () => {
    await page.getByRole('button', { name: /Gradient norm, min/ }).click()
    const order = [...made]
      .sort((a, b) => Math.min(...column(b.id, 'gradNorm')) - Math.min(...column(a.id, 'gradNorm')))
      .map(({ id }) => id)
    await eventually('the order', async () => {
      const shown = await page.locator('[role=row][data-row]').evaluateAll(inPage<string[]>('return element.map((one) => one.dataset.row)'))
      return JSON.stringify(shown) === JSON.stringify(order)
    })
  })
})

describe('groups', () => {
  it('show mean ± sample standard deviation of their runs', async () => {
    await visit(page, '/?group=optimizer')
    const groups = { gd: ['run-0', 'run-1', 'run-2'], adam: ['run-3', 'run-4'] }
    for (const [key, ids] of Object.entries(groups)) {
      const shown = await cells(groupOf(key))
      expect(shown.Name.join(' ')).toContain(`n = ${ids.length}`)
      const least = ids.map((id) => Math.min(...column(id, 'gradNorm')))
      const [text, note] = shown[Object.keys(shown).find((one) => one.startsWith('Gradient norm')) ?? '']
      expectRounded(text, mean(least), 4, `${key}, mean of the gradient norm`)
      expectRounded(note, deviation(least), 2, `${key}, deviation of the gradient norm`)
      const losses = ids.map((id) => lines(id)[11].loss)
      const [lossText, lossNote] = shown[Object.keys(shown).find((one) => one.endsWith('at step 12')) ?? '']
      expectRounded(lossText, mean(losses), 4, `${key}, mean of the loss`)
      expectRounded(lossNote, deviation(losses), 2, `${key}, deviation of the loss`)
    }
    expect(await page.getByRole('button', { name: /Gradient norm, min/ }).getAttribute('title')).toMatch(/mean ± sample standard deviation/)
    const single = await cells(groupOf('sfn'))
    expect(single[Object.keys(single).find((one) => one.startsWith('Gradient norm')) ?? ''][1]).toBe('one value')
  })

  it('are made by any field of the spec and by tag, and close', async () => {
    await visit(page, '/?group=spec:optimizer.learningRate')
    for (const rate of [0.5, 0.25, 0.05]) {
      const ids = made.filter(({ id }) => json(id, 'spec.json').optimizer.learningRate === rate)
      expect((await cells(groupOf(String(rate)))).Name).toEqual([`optimizer.learningRate = ${rate}`, `n = ${ids.length}`])
    }
    await visit(page, '/?group=tag')
    await page.locator(groupOf('second')).waitFor()
    // A run with two tags stands under both.
    expect(await page.locator(rowOf('run-1')).count()).toBe(2)
    await page.getByRole('button', { name: /^sweep/ }).click()
    await eventually('it closes', async () => (await page.locator(rowOf('run-1')).count()) === 1)
    expect(await page.getByRole('button', { name: /^sweep/ }).getAttribute('aria-expanded')).toBe('false')
  })
})

describe('a run’s colour', () => {
  const background = inPage<string>('return getComputedStyle(element).backgroundColor')
  const rgb = (hex: string) => `rgb(${[1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)).join(', ')})`
  const stored = (id: string) => String(json(id, 'meta.json').colour)

  it('is chosen when it is made, unlike the others’, and the same on every screen', async () => {
    expect(new Set(made.map(({ id }) => stored(id))).size).toBe(made.length)
    await visit(page, '/')
    for (const { id } of made)
      expect(
        await page
          .locator(`${rowOf(id)} .dot`)
          .first()
          .evaluate(background)
      ).toBe(rgb(stored(id)))
    await visit(page, `/compare?runs=${made.map(({ id }) => id).join(',')}`)
    for (const { id } of made) {
      // A member of a group has a dot, a run by itself a piece of its line.
      const alone = page.locator('li', { has: page.locator(`a[href$="/run/${id}"]`) }).locator('.swatch')
      const mark = page.locator(`[aria-label="Compared runs"] [title$="(${id})"] .dot`).or(alone).first()
      await mark.waitFor()
      const colour = inPage<string>(
        'const style = getComputedStyle(element); return element.className.includes("dot") ? style.backgroundColor : style.borderTopColor'
      )
      // The legend is drawn anew as the specs arrive.
      await expect.poll(() => mark.evaluate(colour)).toBe(rgb(stored(id)))
    }
    for (const { id, name } of made.slice(0, 2)) {
      await visit(page, `/run/${id}`)
      await page.getByRole('heading', { name, exact: true }).waitFor()
      expect(await page.locator('.title-row .dot').evaluate(background)).toBe(rgb(stored(id)))
    }
  })

  it('can be changed', async () => {
    await visit(page, '/')
    await menu('Plain 1', /Rename/)
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Any other colour').fill('#12345')
    expect(await dialog.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true)
    await dialog.getByRole('radio', { name: '#c32675' }).check()
    await dialog.getByRole('button', { name: 'Save' }).click()
    await eventually('the file', () => stored('run-0') === '#c32675')
    await eventually('the dot', async () => (await page.locator(`${rowOf('run-0')} .dot`).evaluate(background)) === rgb('#c32675'))
  })
})

describe('many at once', () => {
  const tick = (name: string) => page.getByRole('checkbox', { name: `Select ${name}` }).click()

  it('tags and notes are changed, and the notice undoes it', async () => {
    await visit(page, '/')
    await tick('Adam 1')
    await tick('Plain 2')
    await page.getByRole('button', { name: 'Tag, note…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Add tags').fill('both, extra')
    await dialog.getByRole('checkbox', { name: 'second (1)' }).click()
    await dialog.getByLabel('Notes').selectOption({ label: 'Add a paragraph' })
    await dialog.getByLabel('Text').fill('Looked at together.')
    await dialog.getByText('Changes 2 runs').waitFor()
    await dialog.getByRole('button', { name: 'Change', exact: true }).click()
    const tags = () => ['run-3', 'run-1'].map((id) => json(id, 'meta.json').tags.join(' '))
    await eventually('the files', () => JSON.stringify(tags()) === JSON.stringify(['both extra', 'sweep both extra']))
    expect(json('run-1', 'meta.json').notes).toBe('Looked at together.')
    await page.getByRole('button', { name: 'Undo' }).first().click()
    await eventually('as before', () => JSON.stringify(tags()) === JSON.stringify(['', 'sweep second']))
    expect(json('run-1', 'meta.json').notes).toBe('')
    await page.getByRole('button', { name: 'Clear', exact: true }).click()
  })

  it('an eye closed stays closed on other screens and back', async () => {
    const eye = page.getByRole('button', { name: 'Draw Adam 2 in comparisons' })
    await eye.click()
    await visit(page, '/settings')
    await page.getByText('Appearance').waitFor()
    await visit(page, '/')
    expect(await eye.getAttribute('aria-pressed')).toBe('false')
    await eye.click()
  })
})

describe('training longer', () => {
  it('goes on to the new budget, and refuses one that is spent', async () => {
    await visit(page, '/')
    await menu('Plain 3', 'Train longer…')
    const dialog = page.getByRole('dialog')
    const steps = dialog.getByLabel('Steps in all', { exact: true })
    await steps.waitFor()
    expect(await steps.inputValue()).toBe('60')
    await steps.fill('30')
    await dialog.getByText('must be more than the 30 reached').waitFor()
    expect(await dialog.getByRole('button', { name: 'Go on' }).isDisabled()).toBe(true)
    await steps.fill('47')
    await dialog.getByText(/after step 30, to step 47 \(17 more/).waitFor()
    const before = lines('run-2').map(({ loss }) => loss)
    await dialog.getByRole('button', { name: 'Go on' }).click()
    await eventually('the steps', () => json('run-2', 'status.json').state === 'done' && lines('run-2').length === 47, 60)
    expect(json('run-2', 'spec.json').budget.steps).toBe(47)
    expect(
      lines('run-2')
        .slice(0, 30)
        .map(({ loss }) => loss)
    ).toEqual(before)
    await eventually('the row', async () => numberIn((await cells(rowOf('run-2'))).Step[0]) === 47)
  })
})

describe('the trash', () => {
  const trash = () => readdirSync(join(workspace.path, 'trash'))
  it('lists what was removed with its size, restores one and frees the rest', async () => {
    await visit(page, '/')
    for (const name of ['Adam 1', 'Adam 2', 'Saddle-free']) {
      await menu(name, 'Move to trash')
      await page.getByRole('link', { name, exact: true }).waitFor({ state: 'detached' })
    }
    await visit(page, '/trash')
    let bytes = 0
    for (const [id, name] of [
      ['run-3', 'Adam 1'],
      ['run-4', 'Adam 2'],
      ['run-5', 'Saddle-free']
    ]) {
      const entry = trash().find((one) => one.startsWith(`${id}.`)) ?? ''
      const shown = await cells(rowOf(entry))
      const size = bytesBelow(join(workspace.path, 'trash', entry))
      expect([shown.Name[0], shown.Run[0]]).toEqual([name, id])
      expectRounded(shown.Size[0], size, 3, `size of ${name}`)
      if (id !== 'run-4') bytes += size
    }
    await page.getByRole('button', { name: 'Restore Adam 2' }).click()
    await eventually('it is back', () => existsSync(runFile('run-4', 'spec.json')))
    await eventually('two are left', async () => (await page.locator('[role=row][data-row]').count()) === 2)
    await page.getByRole('button', { name: 'Empty trash…' }).click()
    const text = (await page.getByRole('dialog').textContent()) ?? ''
    expectRounded(/frees (.+?) and/.exec(text)?.[1] ?? '', bytes, 3, 'bytes to be freed')
    await page.getByRole('dialog').getByRole('button', { name: 'Delete for good' }).click()
    await page.getByText('The trash is empty').waitFor()
    expect(trash()).toEqual([])
    await visit(page, '/')
    await page.getByRole('link', { name: 'Adam 2', exact: true }).waitFor()
  })
})

describe('the queue', () => {
  const inOrder = () =>
    page.locator('ol[aria-label=Waiting] li').evaluateAll(inPage<string[]>('return element.map((one) => one.dataset.run)'))
  const longer = async (name: string, steps: number) => {
    await menu(name, /Train longer|another budget/)
    await page.getByLabel('Steps in all', { exact: true }).fill(String(steps))
    await page.getByRole('button', { name: 'Go on' }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
  }
  it('shows what runs and what waits, and lets the order be changed, also over a restart', async () => {
    await visit(page, '/')
    await longer('Plain 1', 50_000_000)
    await eventually('it runs', () => json('run-0', 'status.json').state === 'running')
    await longer('Plain 2', 40)
    await longer('Adam 2', 50)
    await visit(page, '/queue')
    await eventually('the order', async () => JSON.stringify(await inOrder()) === JSON.stringify(['run-1', 'run-4']))
    await page
      .getByText(/takes about/)
      .first()
      .waitFor()
    await page.getByRole('button', { name: 'Adam 2 next' }).click()
    await eventually('the new order', async () => JSON.stringify(await inOrder()) === JSON.stringify(['run-4', 'run-1']))
    await eventually('the file', () => {
      const { order } = JSON.parse(readFileSync(join(workspace.path, 'queue.json'), 'utf8'))
      return JSON.stringify(order) === JSON.stringify(['run-4', 'run-1'])
    })
    await page.setViewportSize({ width: 1024, height: 700 })
    expect(await layoutFaults(page)).toEqual([])
    await page.setViewportSize({ width: 1440, height: 900 })

    expect(await served.stop()).toBe(0)
    served = await serve(workspace.path)
    await page.goto(served.link)
    await visit(page, '/queue')
    await page.getByText('2 runs are held').waitFor()
    expect(await inOrder()).toEqual(['run-4', 'run-1'])
    await page.getByRole('button', { name: 'Let all 2 go' }).click()
    await eventually('both are done', () => lines('run-4').length === 50 && lines('run-1').length === 40, 60)
    await page.getByText('Nothing runs and nothing waits').waitFor()
    const [first, second] = ['run-4', 'run-1'].map((id) => Date.parse(json(id, 'status.json').endedAt))
    expect(first).toBeLessThanOrEqual(second)
  })
})
