// The first start, the examples, and the picture of the network wherever a model is meant.
import { dialog, scrollTo } from './gestures.mjs'

async function askFor(page, words) {
  await page.keyboard.press('Control+k')
  await page.getByLabel('Find a command').first().fill(words)
}

export const startScenes = [
  {
    name: 'first-start',
    workspace: 'first',
    route: null,
    async does(page) {
      await page.getByRole('region', { name: 'Where to begin' }).waitFor({ timeout: 60_000 })
      await page
        .locator('.figure')
        .filter({ hasText: /Step\s*(1\d|[234]\d) \/ 40/ })
        .waitFor({ timeout: 60_000 })
    },
    shows: [
      ['section', /Where to look.*What the curves mean.*What to do next/s],
      ['figure header', /^Loss$/]
    ]
  },
  {
    name: 'examples-palette',
    route: '#/',
    does: (page) => askFor(page, 'Examples '),
    shows: [
      ['[role=option]', /Saddle escape/],
      ['[role=option]', /Edge of stability/],
      ['[role=option]', /Layer blocks never negative/],
      ['[role=option]', /FD-Newton on CIFAR-100/]
    ]
  },
  {
    name: 'example-dialog',
    route: '#/',
    async does(page) {
      await askFor(page, 'Saddle escape Examples')
      await page
        .getByRole('option', { name: /^Saddle escape/ })
        .first()
        .click()
      await dialog(page).getByText('to be made').first().waitFor()
    },
    shows: [
      ['[role=dialog]', /Saddle escape/],
      ['[role=dialog] button', /^Make \d runs and compare$/]
    ]
  },
  {
    name: 'example-without-data',
    route: '#/',
    async does(page) {
      await askFor(page, 'FD-Newton on CIFAR-100 Examples')
      await page
        .getByRole('option', { name: /^FD-Newton on CIFAR-100/ })
        .first()
        .click()
      await dialog(page).getByText('is not installed').waitFor()
    },
    shows: [['[role=dialog]', /CIFAR-100 is not installed/]]
  }
]

export const networkScenes = [
  {
    name: 'network-new-run',
    route: '#/new?preset=sfn-mnist10',
    async does(page) {
      await page.locator('[data-total]').waitFor()
      await scrollTo(page.locator('figure').filter({ has: page.locator('[data-total]') }))
    },
    shows: [['[data-total]', /565/]]
  },
  {
    name: 'network-config',
    route: '#/run/behind-a-projection/config',
    async does(page) {
      await page.locator('[data-total]').waitFor()
      await scrollTo(page.locator('figure').filter({ has: page.locator('[data-total]') }))
    },
    shows: [['[data-total]', /215/]]
  },
  {
    name: 'network-compare',
    route: '#/compare?runs=sfn-on-small-digits,behind-a-projection',
    async does(page) {
      await page.locator('[data-total]').first().waitFor()
      await scrollTo(
        page
          .locator('figure')
          .filter({ has: page.locator('[data-total]') })
          .first(),
        { gap: 60 }
      )
    },
    shows: [['[data-total]', /565/]]
  }
]
