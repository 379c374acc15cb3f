// An analysis as the page shows it and as its files have it: the picture is opened, its plots are saved as CSV and read, arrays are read from disk.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import type { AnalysisManifest } from '../../src/shared/analyses/manifest'
import { parseNpy, toFloat64 } from '../../src/shared/npy'

const cells = (line: string) => line.split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/).map((cell) => cell.replaceAll('"', ''))

export const seriesOf = (rows: readonly string[][], name: string | RegExp) =>
  rows.filter(([series]) => (typeof name === 'string' ? series === name : name.test(series)))
export const numbers = (rows: readonly string[][], column: number) => rows.map((row) => Number(row[column]))

export function analysisPage(page: Page, workspace: string) {
  const view = () => page.getByTestId('analysis')
  const folder = (run: string, name: string) => join(workspace, 'runs', run, 'analyses', name)
  const go = (route: string) => page.evaluate(`window.location.hash = ${JSON.stringify(`#${route}`)}`)
  return {
    view,
    go,
    async open(run: string, name: string) {
      await go(`/run/${run}/analyses?analysis=${name}`)
      await view().locator('code', { hasText: name }).first().waitFor()
      await view().locator('figure').first().waitFor()
    },
    read(run: string, name: string, array: string): Float64Array {
      const path = join(folder(run, name), `${array}.npy`)
      return toFloat64(parseNpy(readFileSync(path), path))
    },
    manifest: (run: string, name: string) => JSON.parse(readFileSync(join(folder(run, name), 'manifest.json'), 'utf8')) as AnalysisManifest,
    plot: (title: string | RegExp, within: Locator = view()) =>
      within
        .locator('figure')
        .filter({ has: page.getByRole('heading', { name: title }) })
        .first(),
    /** The rows of a plot's CSV, without the header. */
    async csvOf(figure: Locator): Promise<string[][]> {
      const saving = page.waitForEvent('download')
      await figure.getByRole('button', { name: /^Save / }).click()
      await page.getByRole('menuitem', { name: 'Save as CSV' }).click()
      const bytes = readFileSync(await (await saving).path())
      return bytes.toString('utf8').trim().split('\n').slice(1).map(cells)
    }
  }
}
