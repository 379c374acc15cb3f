// The reports in docs/: the data they name are there and unchanged, and what the page of Dauphin et al. says follows from them.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { escaped } from '../../../../src/workbench/reports/escape'
import { dauphinPage } from '../../../../src/workbench/reports/dauphin/layout'
import type { Gathered } from '../../../../src/workbench/reports/dauphin/gather'
import type { Gathered as Dynamics } from '../../../../src/workbench/reports/dynamics/gather'
import { dynamicsPage } from '../../../../src/workbench/reports/dynamics/layout'
import type { Gathered as Landscape } from '../../../../src/workbench/reports/landscape/gather'
import { examPage } from '../../../../src/workbench/reports/exam'
import type { CellRow } from '../../../../src/workbench/reports/exam/tables'
import { examProblems } from '../../../../src/shared/exam/problems'
import { optimizerKinds } from '../../../../src/shared/spec/optimizers'
import { landscapePage } from '../../../../src/workbench/reports/landscape/layout'

const folder = join(import.meta.dirname, '../../../../docs/reports')
const pages = readdirSync(folder).filter((name) => name.endsWith('.html'))

test.each(pages)('%s has its data', (page) => {
  const html = readFileSync(join(folder, page), 'utf8')
  const name = page.replace('.html', '-data')
  const { files, command } = JSON.parse(readFileSync(join(folder, name, 'report.json'), 'utf8')) as {
    files: { name: string; sha256: string }[]
    command: string
  }
  for (const file of files) {
    const found = createHash('sha256')
      .update(readFileSync(join(folder, name, file.name)))
      .digest('hex')
    expect(found, file.name).toBe(file.sha256)
    expect(html).toContain(`href="${name}/${file.name}"`)
  }
  expect(html).toContain(escaped(command))
  expect(html).not.toMatch(/<script|(?:href|src)="https?:/)
})

/** A table as it was before it was written; no text in it looks like a number. */
function rowsOf(name: string, of = 'dauphin'): Record<string, unknown>[] {
  const [head, ...lines] = readFileSync(join(folder, `${of}-data`, name), 'utf8')
    .trim()
    .split('\r\n')
  const columns = head.split(',')
  const value = (cell: string) =>
    cell === ''
      ? null
      : cell === 'true'
        ? true
        : cell === 'false'
          ? false
          : Number.isNaN(Number(cell))
            ? cell.replace(/^"|"$/g, '').replaceAll('""', '"')
            : Number(cell)
  return lines.map((line) => Object.fromEntries(line.split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/).map((cell, k) => [columns[k], value(cell)])))
}

test('every sentence of the page of Dauphin et al. follows from its data', () => {
  const html = readFileSync(join(folder, 'dauphin.html'), 'utf8')
  const names = ['runs', 'course', 'curvature', 'critical', 'spectra']
  const gathered = Object.fromEntries(names.map((name) => [name, rowsOf(`${name}.csv`)])) as unknown as Gathered
  const { sections, lead, data } = dauphinPage(gathered, 'small', true)
  const sentences = sections.flatMap(({ blocks }) => blocks.flatMap((block) => (block.kind === 'findings' ? block.sentences : [])))
  expect(sentences.length).toBeGreaterThan(12)
  for (const sentence of sentences) expect(html).toContain(`<li>${escaped(sentence)}</li>`)
  expect(html).toContain(escaped(lead[1]))
  // What is derived from the rows is what was written.
  const summary = data.find(({ name }) => name === 'summary.csv')
  expect(summary && 'rows' in summary && summary.rows).toEqual(rowsOf('summary.csv').map((row) => Object.values(row)))
})

test('every sentence of the page on the landscape follows from its data', () => {
  const html = readFileSync(join(folder, 'landscape.html'), 'utf8')
  const [landau, scales, places] = ['landau', 'scales', 'places'].map((name) => rowsOf(`${name}.csv`, 'landscape'))
  const gathered = {
    landau,
    scales,
    places: places.map((row) => ({ ...row, failedChecks: row.failedChecks ?? '' }))
  } as unknown as Landscape
  const { sections, lead } = landscapePage(gathered, 'small', false)
  const sentences = sections.flatMap(({ blocks }) => blocks.flatMap((block) => (block.kind === 'findings' ? block.sentences : [])))
  expect(sentences.length).toBeGreaterThan(15)
  for (const sentence of sentences) expect(html).toContain(`<li>${escaped(sentence)}</li>`)
  for (const paragraph of lead) expect(html).toContain(escaped(paragraph))
})

test('every sentence of the page on dynamics follows from its data', () => {
  const html = readFileSync(join(folder, 'dynamics.html'), 'utf8')
  const [sweep, basins, pictures, known] = ['exponents', 'boundaries', 'basins', 'known'].map((name) =>
    rowsOf(`${name}.csv`, 'dynamics').map((row) => ('failedChecks' in row ? { ...row, failedChecks: row.failedChecks ?? '' } : row))
  )
  const { sections, lead } = dynamicsPage({ sweep, basins, pictures, known } as unknown as Dynamics, 'small')
  const sentences = sections.flatMap(({ blocks }) => blocks.flatMap((block) => (block.kind === 'findings' ? block.sentences : [])))
  expect(sentences.length).toBeGreaterThan(15)
  for (const sentence of sentences) expect(html).toContain(`<li>${escaped(sentence)}</li>`)
  for (const paragraph of lead) expect(html).toContain(escaped(paragraph))
})

test('every sentence of the exam’s page follows from its data, and every problem is passed by some and failed by some', () => {
  const html = readFileSync(join(folder, 'exam.html'), 'utf8')
  const rows = rowsOf('cells.csv', 'exam') as unknown as CellRow[]
  expect(rows).toHaveLength(examProblems.length * optimizerKinds.length)
  const { sections, lead } = examPage(examProblems, rows)
  for (const { blocks } of sections)
    for (const block of blocks) {
      if (block.kind === 'findings') for (const sentence of block.sentences) expect(html).toContain(`<li>${escaped(sentence)}</li>`)
      if (block.kind === 'table')
        for (const row of block.rows) expect(html).toContain(`<tr>${row.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`)
    }
  for (const paragraph of lead) expect(html).toContain(escaped(paragraph))
  for (const { id } of examProblems) {
    const taken = rows.filter((row) => row.problem === id && row.refusal === null)
    const through = taken.filter(({ passed, of }) => passed === of).length
    expect(through, id).toBeGreaterThan(0)
    expect(through, id).toBeLessThan(taken.length)
  }
})
