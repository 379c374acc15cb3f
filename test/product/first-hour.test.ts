// The whole product as a stranger has it: cloned into an empty folder, started by the README's two commands with an empty HOME and npm cache, then used for an hour. Every number on the screens is worked out again from the files.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { unzipSync } from 'fflate'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { currentStep, visit, waitForState } from '../e2e/flows'
import { formatNumber } from '../../src/renderer/app/format'
import { eventually, inPage, openBrowser, watchConsole } from '../e2e/support'
import { trace } from '../integration/cli/saddlescope'
import { cifar100Files, entriesOf, madeSamples, tarGz } from '../unit/store/formats/archives'
import { figuresOf, filesBelow, negativeCount, readNpy, runOnDisk } from './disk'
import { compared, expectNumbers } from './figures'
import {
  cloneInto,
  commandsBelow,
  fetchNode,
  linkIn,
  makeFolder,
  root,
  runLine,
  startLine,
  strangersEnvironment,
  type Running
} from './support'

const folder = makeFolder()
const checkout = join(folder.path, 'saddlescope')
const outside = (name: string) => join(folder.path, name)
let workspace = ''
let env: Record<string, string>
let commands: string[]
let started: Running
let browser: Browser
let page: Page
let complaints: string[]
let link: string
const tell = (text: string) => process.stdout.write(`${text}\n`)

const at = (id: string) => runOnDisk(workspace, id)
const ids = () => readdirSync(join(workspace, 'runs')).sort()
const plain = (text: string | null) => (text ?? '').replace(/[^\S\u202f]+/g, ' ').trim()

beforeAll(async () => {
  const version = process.env.SADDLESCOPE_PRODUCT_NODE
  env = strangersEnvironment(folder.path, version === undefined ? null : await fetchNode(Number(version), outside('node')))
  workspace = join(env.HOME, '.config', 'Saddlescope', 'workspace')
  browser = await openBrowser()
}, 300_000)
afterAll(async () => {
  await browser?.close()
  await started?.interrupt()
  folder.remove()
  tell(`${compared.count} numbers on screen were held against the files`)
})

/** Runs the second command and opens what it prints. */
async function start() {
  started = startLine(commands[1], checkout, env)
  const failed = started.ended.then(({ stdout, stderr }) => Promise.reject(new Error(`${commands[1]} ended: ${stdout}${stderr}`)))
  failed.catch(() => undefined)
  link = await Promise.race([eventually('the link', () => linkIn(started.output()), 300), failed])
}
async function open() {
  page = await browser.newPage({ viewport: { width: 1440, height: 900 }, acceptDownloads: true })
  page.setDefaultTimeout(60_000)
  complaints = watchConsole(page)
  await page.goto(link)
  await page.getByText('Connected', { exact: true }).waitFor()
}
async function notice(pattern: RegExp): Promise<string> {
  const found = page.locator('.overlay-toast').filter({ hasText: pattern }).first()
  const text = plain(await found.locator('.overlay-toast-text').textContent())
  await found.getByRole('button', { name: 'Dismiss' }).click()
  return text
}

/** Every figure of a run's head; one that this test does not know fails it. */
async function expectHead(id: string) {
  await visit(page, `#/run/${id}`)
  const figures = figuresOf(at(id))
  const known: Record<string, readonly number[]> = {
    Step: [figures.step, figures.steps],
    Loss: [figures.loss, figures.minLoss, figures.minLossStep],
    'Test loss': [figures.testLoss],
    'Test accuracy': [figures.accuracy, ...figures.best],
    'λ min': [figures.lambdaMin, ...figures.curvatureAt],
    'λ max': [figures.lambdaMax, ...figures.curvatureAt],
    Index: [figures.index, ...figures.curvatureAt],
    P: [figures.parameters],
    'Step time': [figures.seconds],
    'Wall time': [figures.wallSeconds]
  }
  const shown = await eventually(`the figures of ${id}`, async () => {
    const here = plain(
      await page
        .locator('.under code')
        .textContent()
        .catch(() => '')
    )
    const cells = await page
      .locator('.figure')
      .evaluateAll(
        inPage<string[][]>(
          `return element.map((one) => [one.querySelector('dt').textContent, [...one.querySelectorAll('dd')].map((dd) => dd.textContent).join(' | ')])`
        )
      )
    return here === id && cells.length >= Object.keys(known).length ? cells : null
  })
  expect(shown.map(([name]) => name).sort()).toEqual(Object.keys(known).sort())
  for (const [name, text] of shown) expectNumbers(text, known[name], `${id}, ${name}`)
}

/** A run's size is counted as it ends, while its lock and the last lines of its log are being written: to 2 kB. */
function expectSize(text: string, bytes: number, what: string) {
  const [shown, unit] = /^([\d.]+)\u202f(kB|MB)$/.exec(text)?.slice(1) ?? []
  expect(Math.abs(Number(shown) * (unit === 'kB' ? 1e3 : 1e6) - bytes), `${what}: “${text}” against ${bytes}`).toBeLessThan(
    unit === 'kB' ? 2500 : 52_000
  )
  compared.count++
}

/** Every cell of the table of runs. */
async function expectRow(id: string) {
  const row = page.locator(`[role=row][data-row="${id}"]`)
  await row.waitFor()
  const headings = await page.getByRole('columnheader').evaluateAll(inPage<string[]>('return element.map((one) => one.textContent.trim())'))
  const cells = await row.getByRole('cell').evaluateAll(inPage<string[]>('return element.map((one) => one.innerText.trim())'))
  const figures = figuresOf(at(id))
  const spec = at(id).spec()
  const known: Record<string, readonly number[]> = {
    Step: [figures.step, figures.steps],
    Loss: [figures.loss, figures.minLoss],
    Accuracy: [figures.accuracy, ...figures.best.slice(0, 1)],
    'λ min': [figures.lambdaMin],
    Index: [figures.index],
    Time: [figures.wallSeconds, figures.seconds]
  }
  const words: Record<string, string> = {
    Name: spec.name,
    State: at(id).status().state,
    Optimizer: spec.optimizer.kind,
    Dataset: spec.data.dataset,
    Curve: '',
    'Drawn in comparisons': '',
    'Select all': '',
    '': '',
    Actions: ''
  }
  headings.forEach((heading, place) => {
    const text = cells[place] ?? ''
    if (heading === 'Dataset') expectNumbers(text.replace(spec.data.dataset, ''), [figures.parameters], `${id}, P`)
    if (heading === 'Disk') expectSize(text, figures.bytes, `${id}, Disk`)
    else if (heading in words) expect(text, `${id}, ${heading}`).toContain(words[heading])
    else expectNumbers(text, known[heading] ?? expect.fail(`a column that this test does not know: ${heading}`), `${id}, ${heading}`)
  })
}

/** The real sample where it lies beside the checkout, else a small made set of the same layout. */
const shared = join(root, '..', 'shared', 'datasets', 'cifar-100-sample')
const real = existsSync(shared)
const binary = real ? join(shared, 'cifar-100-binary') : outside('cifar-100-binary')
const archive = real ? join(shared, 'cifar-100-python.tar.gz') : outside('cifar-100-python.tar.gz')
if (!real) {
  const files = cifar100Files(madeSamples(300, 100, 3), madeSamples(120, 100, 4))
  mkdirSync(binary)
  for (const [name, bytes] of Object.entries(files.binary)) writeFileSync(join(binary, name), bytes)
  writeFileSync(archive, tarGz(entriesOf(files.python, 'cifar-100-python')))
}
const record = 2 + 3072
const records = (split: 'train' | 'test') => readFileSync(join(binary, `${split}.bin`))
const counts = { train: records('train').length / record, test: records('test').length / record }
const names = readFileSync(join(binary, 'fine_label_names.txt'), 'utf8').trim().split('\n')

it('git clone, and the README’s first command, with an empty HOME and npm cache', async () => {
  const { commit, changed } = await cloneInto(checkout)
  if (changed > 0) tell(`what is tested is the commit ${commit}: ${changed} files that were changed since are not in it`)
  commands = commandsBelow(join(checkout, 'README.md'), /two commands/i)
  expect(commands).toEqual(['npm ci', 'npm start'])
  const began = Date.now()
  const { status, stderr } = await runLine(commands[0], checkout, env)
  expect(status, stderr).toBe(0)
  expect(readdirSync(env.npm_config_cache).length).toBeGreaterThan(0)
  tell(
    `${commands[0]}: ${((Date.now() - began) / 1000).toFixed(0)} s from an empty cache, Node ${execFileSync('node', ['--version'], { env }).toString().trim()}`
  )
})

it('the second command shows the workbench, which opens on the first start’s demonstration by itself', async () => {
  const began = Date.now()
  await start()
  expect(started.output()).toMatch(/the workbench runs in the browser: there is no display/)
  await open()
  tell(`${commands[1]}: ${((Date.now() - began) / 1000).toFixed(0)} s to the page, the build included`)
  // Nothing is clicked: an empty workspace opens on the run that trains, with what there is to know.
  await page.waitForURL(/#\/run\/[a-z0-9-]+$/)
  await page.getByRole('heading', { name: 'SFN on small digits' }).waitFor()
  await page.getByRole('region', { name: 'Where to begin' }).waitFor()
  await waitForState(page, /done/, 300)
  await eventually('its checks', () => /checks of the spectrum at step 40 passed/.test(started.output()), 60)
  const [demonstration] = ids()
  await expectHead(demonstration)
  await visit(page, '#/')
  await expectRow(demonstration)
  expect(ids()).toHaveLength(1)
  // What the README says that it found.
  const said = readFileSync(join(checkout, 'README.md'), 'utf8')
    .replace(/\s+/g, ' ')
    .replace(/(\d) %/g, '$1\u202f%')
  const [first, last] = [at(demonstration).lines()[0], at(demonstration).lines()[39]]
  const found =
    /loss falls from (\S+ to \S+), the smallest eigenvalue rises from (\S+ to \S+), and the index \([^)]*\) falls from ([\d.]+\u202f% to [\d.]+\u202f%)/.exec(
      said
    )
  expectNumbers(found?.[1] ?? '', [first.loss, last.loss], 'README, loss')
  expectNumbers(found?.[2] ?? '', [Number(first.lambdaMin), Number(last.lambdaMin)], 'README, smallest eigenvalue')
  expectNumbers(found?.[3] ?? '', [Number(first.index), Number(last.index)], 'README, index')
})

it(`imports CIFAR-100 from both layouts (${real ? 'the sample of real images' : `A MADE SET OF ${counts.train} IMAGES, because ${shared} is not there`})`, async () => {
  if (!real) tell(`the images are made ones: ${shared} is not there`)
  await visit(page, '#/datasets')
  await page.getByRole('button', { name: 'Import…' }).click()
  const choose = async (files: string[]) => {
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.getByRole('button', { name: 'Choose files…' }).click()])
    await chooser.setFiles(files)
    await page.getByRole('list', { name: 'Chosen files' }).waitFor()
  }
  const imported = async (id: string) => {
    await page.getByRole('button', { name: 'Install', exact: true }).click()
    const text = await eventually(
      'what was understood',
      async () => {
        const found = plain(
          await page
            .locator('.understood')
            .last()
            .textContent({ timeout: 1000 })
            .catch(() => '')
        )
        return found.includes(`imported as ${id}:`) ? found : null
      },
      120
    )
    expectNumbers(text.replace(id, ''), [counts.train, counts.test], 'what was understood')
    await notice(new RegExp(`imported as ${id}`))
  }
  await choose([archive])
  await imported('cifar-100')
  await choose(readdirSync(binary).map((name) => join(binary, name)))
  await page.getByLabel('Id (optional)').fill('from-binary')
  await imported('from-binary')
  // Both are the same images and labels.
  const manifests = ['cifar-100', 'from-binary'].map(
    (id) =>
      JSON.parse(readFileSync(join(workspace, 'datasets', id, 'manifest.json'), 'utf8')) as {
        fingerprint: string
        files: { bytes: number }[]
      }
  )
  expect(manifests[1].fingerprint).toBe(manifests[0].fingerprint)
  await visit(page, '#/datasets?id=cifar-100')
  const value = async (name: string) =>
    plain(
      await page
        .locator('dl > div')
        .filter({ has: page.getByText(name, { exact: true }) })
        .locator('dd')
        .first()
        .textContent()
    )
  await eventually('the set', async () => (await value('Id')) === 'cifar-100')
  expectNumbers(await value('Samples'), [counts.train, counts.test], 'samples')
  expectNumbers(await value('Shape'), [32, 32, 3], 'shape')
  expectNumbers(await value('Classes'), [names.length], 'classes')
  expectNumbers(await value('Size'), [manifests[0].files.reduce((sum, { bytes }) => sum + bytes, 0)], 'size')
  for (const split of ['train', 'test'] as const) {
    await page
      .getByRole('radio', { name: split })
      .or(page.getByRole('button', { name: split, exact: true }))
      .first()
      .click()
    const bytes = records(split)
    for (const sample of [0, 1, 17]) {
      const label = names[bytes[sample * record + 1]]
      const picture = page.getByRole('img', {
        name: `${split === 'train' ? 'Training' : 'Test'} sample ${sample + 1}: ${label}`,
        exact: true
      })
      await picture.waitFor()
      const drawn = await picture.evaluate(inPage<number[]>(`return [...element.getContext('2d').getImageData(0, 0, 32, 32).data]`))
      const plane = (channel: number, pixel: number) => bytes[sample * record + 2 + channel * 1024 + pixel]
      expect(drawn).toEqual(Array.from({ length: 1024 }, (_, pixel) => [plane(0, pixel), plane(1, pixel), plane(2, pixel), 255]).flat())
      compared.count += 3072
    }
  }
  expect(complaints).toEqual([])
})

const section = (key: string) => page.locator(`[data-section=${key}]`)
const box = (key: string, name: string) => section(key).getByRole('textbox', { name: new RegExp(`^${name}`) })
const choice = (key: string, name: string) => section(key).getByRole('combobox', { name: new RegExp(`^${name}`) })
const contenders = ['Saddle-free Newton', 'Adam', 'Momentum', 'Gradient descent']
let faced: string[] = []

it('a face-off of four optimizers by the New-run form', async () => {
  await visit(page, '#/new?preset=sfn-cifar100')
  const editor = page.getByRole('textbox', { name: 'Run spec as JSON' })
  await expect.poll(async () => (await editor.inputValue()).length).toBeGreaterThan(20)
  await box('data', 'To').fill('8')
  await box('model', 'Widths').fill('8, 6, 100')
  await choice('budget', 'Epochs').selectOption({ label: 'No limit' })
  await choice('budget', 'Steps').selectOption({ label: 'After' })
  await box('budget', 'Steps').fill('12')
  for (const part of ['evaluate', 'snapshots', 'checkpoints']) await box(part, 'After steps').fill('4')
  for (const name of contenders) await page.getByRole('checkbox', { name, exact: true }).click()
  await page.getByRole('button', { name: 'Make 4 runs' }).click()
  const cell = (name: string) =>
    page
      .locator('dl > div')
      .filter({ has: page.getByText(name, { exact: true }) })
      .locator('dd')
      .first()
  await expect.poll(async () => plain(await cell('Parameters P').textContent())).toBe(String(8 * 6 + 6 * 100))
  compared.count++
  const before = ids()
  await page.getByRole('button', { name: 'Start 4 runs' }).click()
  const compare = page.getByRole('link', { name: 'Compare this group' })
  await compare.waitFor()
  faced = ((await compare.getAttribute('href')) ?? '').split('=')[1].split(',')
  expect(faced).toHaveLength(4)
  expect(ids()).toEqual([...before, ...faced].sort())
  await eventually(
    'they are done',
    () => faced.every((id) => existsSync(join(workspace, 'runs', id, 'status.json')) && at(id).status().state === 'done'),
    240
  )
  const hashes = faced.map((id) => at(id).json<{ hashes: { weights: string; batches: string; projection: string } }>('meta.json').hashes)
  for (const name of ['weights', 'batches', 'projection'] as const) expect(new Set(hashes.map((one) => one[name])).size).toBe(1)
  await visit(page, '#/')
  // The files know first.
  for (const id of faced) await page.locator(`[data-row="${id}"] [data-state="done"]`).waitFor({ timeout: 60_000 })
  for (const id of faced) await expectRow(id)
  for (const id of faced) await expectHead(id)
  expect(complaints).toEqual([])
})

it('Compare: every cell of the table of results', async () => {
  await visit(page, `#/compare?runs=${faced.join(',')}`)
  await page.locator(`tr[data-run="${faced[3]}"] td[data-column="lambdaMin"]`).waitFor()
  const keyed = (id: string): Record<string, readonly number[]> => {
    const figures = figuresOf(at(id))
    return {
      steps: [figures.step],
      'lossPerSample last': [figures.loss],
      'lossPerSample min': [figures.minLoss, figures.minLossStep],
      'testLoss last': [figures.testLoss],
      'testLoss min': [figures.leastTestLoss, figures.leastTestLossStep],
      'testAccuracy last': [figures.accuracy],
      'testAccuracy max': figures.best,
      lambdaMin: [figures.lambdaMin, ...figures.curvatureAt],
      lambdaMax: [figures.lambdaMax, ...figures.curvatureAt],
      index: [figures.index, ...figures.curvatureAt],
      seconds: [figures.seconds],
      wallSeconds: [figures.wallSeconds]
    }
  }
  for (const id of faced) {
    const read = () =>
      page
        .locator(`tr[data-run="${id}"] td[data-column]`)
        .evaluateAll(inPage<string[][]>(`return element.map((one) => [one.dataset.column, one.innerText])`))
    const known = keyed(id)
    await expect
      .poll(async () =>
        (await read())
          .filter(([, text]) => /\d/.test(text))
          .map(([column]) => column)
          .sort()
      )
      .toEqual(Object.keys(known).sort())
    const cells = await read()
    for (const [column, text] of cells) expectNumbers(plain(text), known[column], `${id}, ${column}`)
  }
})

it('spectra: each stored block of each snapshot, as it is counted and described', async () => {
  const [newton] = faced
  for (const step of [0, 4, 8, 12])
    for (const block of ['W1', 'W2']) {
      await visit(page, `#/run/${newton}/spectrum?step=${step}&block=${block}`)
      const chart = page.getByRole('img', { name: new RegExp(`^Eigenvalues of ${block} after step ${step}\\b`) }).first()
      await chart.waitFor()
      const values = at(newton).eigenvalues(step, block)
      // While others are fetched, the values before stay, dimmed.
      await page.locator('.plots:not(.waiting)').waitFor()
      await expect.poll(async () => plain(await chart.getAttribute('aria-label'))).toContain(`from ${formatNumber(values[0])} to`)
      const label = plain(await chart.getAttribute('aria-label'))
      const [, low, high] = /from (\S+) to (\S+?)[.,;]?(?:\s|$)/.exec(label) ?? []
      expectNumbers(low, [values[0]], `${block} after step ${step}, smallest`)
      expectNumbers(high, [values[values.length - 1]], `${block} after step ${step}, largest`)
      const sum = plain(await page.getByTestId('histogram-sum').textContent())
      const [, counted] = /bins, (.*)$/.exec(sum) ?? []
      expectNumbers(
        /^(.*?) below zero/.exec(counted ?? '')?.[1] ?? '',
        [values.length, values.length, negativeCount(values)],
        `${block} after step ${step}`
      )
      await page.getByText(/^verified: \d checks$/).waitFor()
    }
})

it('a Hessian, computed on demand from a checkpoint: entries on the screen are those of the file', async () => {
  const [newton] = faced
  await visit(page, `#/run/${newton}/hessian`)
  await page.getByRole('button', { name: 'Compute a Hessian…' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Checkpoint').selectOption({ label: 'after step 8 · spectrum' })
  await dialog.getByRole('checkbox', { name: 'Replace the stored snapshot of this step' }).click()
  await dialog.getByRole('button', { name: 'Compute and replace' }).click()
  await visit(page, `#/run/${newton}/hessian?step=8&block=W2`)
  await page.getByRole('heading', { name: /^Hessian W2 after step 8: 600 × 600$/ }).waitFor({ timeout: 120_000 })
  const { shape, values } = readNpy(join(at(newton).snapshotFolder(8), 'hessian.W2.npy'))
  expect(shape).toEqual([600, 600])
  const trace = Array.from({ length: 600 }, (_, i) => values[601 * i]).reduce((sum, value) => sum + value, 0)
  expect(
    at(newton)
      .eigenvalues(8, 'W2')
      .reduce((sum, value) => sum + value, 0)
  ).toBeCloseTo(trace, 8)
  for (const [row, column] of [
    [0, 0],
    [17, 417],
    [599, 598]
  ]) {
    await page.getByRole('textbox', { name: 'Row', exact: true }).fill(String(row))
    await page.getByRole('textbox', { name: 'Column', exact: true }).fill(String(column))
    await page.getByRole('button', { name: 'Go', exact: true }).click()
    const text = await eventually(`entry ${row}, ${column}`, async () => {
      const found = plain(await page.locator('.entry').textContent())
      return found.includes(`(${row}, ${column})`) && !found.includes('…') ? found : null
    })
    expectNumbers(text.slice(text.indexOf(')') + 1), [values[600 * row + column]], `entry ${row}, ${column}`)
  }
})

it('an exported zip opens in an independent reader, with the bytes and figures of the run', async () => {
  const [newton] = faced
  await visit(page, `#/run/${newton}`)
  await page.getByRole('button', { name: 'More actions' }).click()
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: 'Export as zip' }).click()])
  const zip = outside('exported.zip')
  await download.saveAs(zip)
  expect(download.suggestedFilename()).toBe(`${newton}.zip`)
  const members = readIndependently(zip)
  const onDisk = [...filesBelow(at(newton).folder).keys()]
  const packed = onDisk.filter((name) => members.has(name))
  for (const name of ['spec.json', 'metrics.ndjson', 'snapshots/step-000008/hessian.W2.npy', 'snapshots/step-000012/eigenvalues.W1.npy'])
    expect(packed).toContain(name)
  const sha = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
  for (const name of packed) expect(members.get(name), name).toBe(sha(readFileSync(join(at(newton).folder, name))))
  const csv = Buffer.from(unzipSync(readFileSync(zip))['metrics.csv'])
    .toString('utf8')
    .trim()
    .split('\r\n')
    .map((line) => line.split(','))
  const column = csv[0].indexOf('loss')
  expect(csv.slice(1).map((cells) => Number(cells[column]))).toEqual(
    at(newton)
      .lines()
      .map(({ loss }) => loss)
  )
})

/** SHA-256 of each member: by Python's zipfile, which also tests every CRC; where there is no Python by fflate, and that is said. */
function readIndependently(zip: string): Map<string, string> {
  const program =
    'import hashlib, json, sys, zipfile\nz = zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\nprint(json.dumps({n: hashlib.sha256(z.read(n)).hexdigest() for n in z.namelist() if not n.endswith("/")}))'
  try {
    return new Map(
      Object.entries(
        JSON.parse(execFileSync('python3', ['-c', program, zip], { encoding: 'utf8', maxBuffer: 1 << 26 })) as Record<string, string>
      )
    )
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    tell('the zip is read by fflate: there is no python3')
    return new Map(
      Object.entries(unzipSync(readFileSync(zip))).map(([name, bytes]) => [name, createHash('sha256').update(bytes).digest('hex')])
    )
  }
}

it('delete, and undo: the run is gone, then back with every byte; then its disk space is given back', async () => {
  const doomed = faced[3]
  await visit(page, '#/')
  const before = trace(at(doomed).folder)
  const row = page.locator(`[role=row][data-row="${doomed}"]`)
  const remove = async () => {
    await page.getByRole('button', { name: `Actions for ${at(doomed).spec().name}`, exact: true }).click()
    await page.getByRole('menuitem', { name: 'Move to trash' }).click()
    await row.waitFor({ state: 'detached' })
  }
  await remove()
  expect(ids()).not.toContain(doomed)
  await page.getByRole('button', { name: 'Undo' }).first().click()
  await row.waitFor()
  expect(await page.getByRole('menu').count(), 'menus that open by themselves').toBe(0)
  expect(trace(at(doomed).folder)).toEqual(before)
  await expectRow(doomed)
  await remove()
  await visit(page, '#/trash')
  const bytes = [...filesBelow(join(workspace, 'trash')).values()].reduce((sum, size) => sum + size, 0)
  await page.getByRole('button', { name: 'Empty trash…' }).click()
  const dialog = page.getByRole('dialog')
  expectSize(/This frees (.*?) and cannot be undone/.exec(plain(await dialog.textContent()))?.[1] ?? '', bytes, 'what the trash takes')
  await dialog.getByRole('button', { name: 'Delete for good' }).click()
  await page.getByText('The trash is empty').waitFor()
  expect(readdirSync(join(workspace, 'trash'))).toEqual([])
  faced = faced.slice(0, 3)
})

const steps = 400
let interrupted = ''
let stoppedAt = 0

it('quit while training: everything is written, the next start shows the run where it stopped', async () => {
  await visit(page, `#/new?from=${faced[0]}`)
  const editor = page.getByRole('textbox', { name: 'Run spec as JSON' })
  await expect.poll(async () => (await editor.inputValue()).length).toBeGreaterThan(20)
  await box('run', 'Name').fill('Interrupted')
  await box('model', 'Widths').fill('8, 4, 100')
  await box('budget', 'Steps').fill(String(steps))
  for (const part of ['evaluate', 'snapshots', 'checkpoints']) await box(part, 'After steps').fill('100')
  await page.getByRole('button', { name: 'Start the run' }).click()
  await page.waitForURL(/#\/run\//)
  interrupted = /#\/run\/([a-z0-9-]+)/.exec(page.url())?.[1] ?? ''
  await eventually('a few steps', async () => (await currentStep(page)) >= 5, 60)
  expect(at(interrupted).status().state).toBe('running')
  const { stdout, stderr } = await started.interrupt()
  expect(stdout + stderr).toContain('checkpointing and closing…')
  await page.close()
  const status = at(interrupted).status()
  expect(status.state).toBe('interrupted')
  expect(existsSync(join(at(interrupted).folder, 'lock.json'))).toBe(false)
  expect(at(interrupted).lines()).toHaveLength(status.step)
  expect(status.step).toBeLessThan(steps)
  stoppedAt = status.step
  const before = link
  await start()
  // Nothing is trained again by itself, and the link that one bookmarked stays.
  expect(link).toBe(before)
  await open()
  await page.getByRole('link', { name: 'Interrupted' }).click()
  await waitForState(page, /interrupted/)
  expect(await currentStep(page)).toBe(stoppedAt)
  await expectHead(interrupted)
  expect(started.output()).not.toContain('first start')
})

it('resumed, it ends with the bits of a run that was never stopped', async () => {
  await page.getByRole('button', { name: 'Resume' }).click()
  await waitForState(page, /done/, 300)
  await expectHead(interrupted)
  const spec = outside('twin.json')
  writeFileSync(spec, readFileSync(join(at(interrupted).folder, 'spec.json')))
  const { status, stderr } = await runLine(`npm run -s cli -- run ${spec} --id twin`, checkout, env)
  expect(status, stderr).toBe(0)
  const [one, twin] = [interrupted, 'twin'].map((id) => trace(at(id).folder))
  // Which checkpoints before the last are kept depends on where a run was stopped.
  const kept = ([name]: [string, string]) => !name.startsWith('checkpoints/') || name.includes(`step-${String(steps).padStart(6, '0')}`)
  const [ended, whole] = [one, twin].map((files) => Object.fromEntries(Object.entries(files).filter(kept)))
  expect(Object.keys(whole).filter((name) => /^(checkpoints|snapshots)\//.test(name)).length).toBeGreaterThan(10)
  expect(ended).toEqual(whole)
  // What another process trained is on the page too.
  await visit(page, '#/')
  await page.locator('[role=row][data-row="twin"] [data-state=done]').waitFor()
  await expectRow('twin')
  expect(complaints).toEqual([])
})

it('nothing was left behind but the workspace and the link’s token, and the checkout is as it was cloned', async () => {
  await page.close()
  await started.interrupt()
  expect(execFileSync('git', ['status', '--porcelain'], { cwd: checkout, encoding: 'utf8' })).toBe('')
  expect(readdirSync(join(workspace, 'uploads'))).toEqual([])
  const left = [...filesBelow(workspace).keys()].filter((name) => name.endsWith('.partial') || name.endsWith('lock.json'))
  expect(left).toEqual([])
  expect(readdirSync(env.HOME).filter((name) => !['.config', '.local', '.npm', '.cache'].includes(name))).toEqual([])
  expect(statSync(join(env.HOME, '.local', 'state', 'saddlescope')).mode & 0o077).toBe(0)
})
