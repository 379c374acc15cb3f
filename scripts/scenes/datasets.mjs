// Datasets: every state of the screen.
import { choose, scrollTo } from './gestures.mjs'
import { flowers } from './workspaces.mjs'

async function importFlowers(page) {
  const shown = page.getByRole('button', { name: 'Import…' })
  await shown.click()
  const file = { name: 'more-flowers.csv', mimeType: 'text/csv', buffer: Buffer.from(`${flowers}4.9,1.8,virginica\n`) }
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.getByRole('button', { name: 'Choose files…' }).click()])
  await chooser.setFiles(file)
  await page.locator('[data-understood]').first().waitFor()
}
const digits = '#/datasets?id=mnist10'

export const datasetScenes = [
  {
    name: 'datasets',
    route: digits,
    does: (page) => page.locator('[data-sample] canvas').first().waitFor(),
    shows: [
      ['h1', /^Datasets$/],
      ['.list .current', /built in/],
      ['dl', /Fingerprint/]
    ]
  },
  {
    name: 'datasets-samples',
    route: digits,
    does: (page) => scrollTo(page.locator('.samples')),
    shows: [['[data-range]', /^1–\d+ of/]]
  },
  {
    name: 'datasets-search',
    route: digits,
    async does(page) {
      await page.getByRole('searchbox', { name: 'Search by class' }).fill('7')
      await page.locator('[data-match]').waitFor()
      await scrollTo(page.locator('.samples'))
    },
    shows: [['[data-match]', /^7: .* of .* training samples/]]
  },
  {
    name: 'datasets-no-match',
    route: digits,
    async does(page) {
      await page.getByRole('searchbox', { name: 'Search by class' }).fill('zebra')
      await page.getByText('No class has “zebra”').waitFor()
      await scrollTo(page.locator('.samples'))
    },
    shows: [['.samples', /No class has “zebra” in its name, nor that number\./]]
  },
  {
    name: 'datasets-classes',
    route: digits,
    async does(page) {
      await choose(page, 'Classes')
      await scrollTo(page.locator('.views'))
    },
    shows: [['figure header', /^Samples of each class/]]
  },
  {
    name: 'datasets-pixels',
    route: digits,
    async does(page) {
      await choose(page, 'Pixels')
      await page.locator('[data-channel]').first().waitFor()
      await scrollTo(page.locator('.views'))
    },
    shows: [['[data-channel=grey]', /\d/]]
  },
  {
    name: 'datasets-import',
    route: '#/datasets',
    does: (page) => page.getByRole('button', { name: 'Import…' }).click(),
    shows: [['button', /^Choose files…$/]]
  },
  {
    name: 'datasets-understood',
    route: '#/datasets',
    does: importFlowers,
    shows: [
      ['main', /separator comma, names from line 1; 2 inputs/],
      ['button', /^Install$/]
    ]
  },
  {
    name: 'datasets-delete',
    route: '#/datasets?id=flowers',
    async does(page) {
      await page.getByRole('button', { name: 'Delete…' }).click()
    },
    shows: [['[role=dialog]', /Delete this data set\?/]]
  },
  {
    name: 'datasets-available',
    route: '#/datasets?id=cifar-100',
    shows: [['[data-download=none]', /Download .*MB/]]
  },
  {
    name: 'datasets-downloading',
    route: '#/datasets?id=mnist',
    async does(page) {
      const start = page.getByRole('button', { name: /^(Download|Resume)/ })
      await page.locator('[data-download]').waitFor()
      if (await start.isVisible()) await start.click()
      await page
        .locator('[data-download=running]')
        .getByText(/ of .*%/)
        .waitFor()
    },
    shows: [
      ['[data-download=running]', /of .* \(\d+.%\)/],
      ['.list', /downloading/]
    ]
  },
  {
    name: 'datasets-kept',
    route: '#/datasets?id=mnist',
    async does(page) {
      const cancel = page.locator('[data-download]').getByRole('button', { name: 'Cancel' })
      await page.locator('[data-download=running], [data-download=kept]').waitFor()
      if (await cancel.isVisible()) await cancel.click()
      await page.locator('[data-download=kept]').waitFor()
      for (const toast of await page.locator('.overlay-toast').getByRole('button', { name: 'Dismiss' }).all()) await toast.click()
    },
    shows: [['[data-download=kept]', /are kept from a download that was cancelled/]]
  }
]
