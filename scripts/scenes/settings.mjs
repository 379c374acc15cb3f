// Settings: every state of the screen.
import { dialog, scrollTo } from './gestures.mjs'

export const settingsScenes = [
  {
    name: 'settings',
    route: '#/settings',
    does: (page) => page.locator('[data-row]').first().waitFor(),
    shows: [
      ['h1', /^Settings$/],
      ['[data-testid=storage-sum]', /in all/]
    ]
  },
  {
    name: 'settings-measured',
    route: '#/settings',
    async does(page) {
      const bars = page.locator('[data-backend]').first()
      await page
        .getByText(/Measured 20|were not measured yet/)
        .first()
        .waitFor()
      if (!(await bars.isVisible())) {
        await page.getByRole('button', { name: /^Measure/ }).click()
        await bars.waitFor({ timeout: 120_000 })
      }
    },
    shows: [['[data-bar=wasm] text', /GFlop\/s/]]
  },
  {
    name: 'settings-doctor',
    route: '#/settings',
    does: (page) => scrollTo(page.locator('[data-row]').first(), { gap: 60 }),
    shows: [['[data-row]', /processor/i]]
  },
  {
    name: 'settings-diagnostics',
    route: '#/settings',
    async does(page) {
      await page.getByRole('button', { name: 'Save diagnostics…' }).click()
      await dialog(page).locator('td.mono').first().waitFor()
    },
    shows: [
      ['[role=dialog]', /No data, no weights, no data sets, no tokens/],
      ['[role=dialog] button', /^Save \d+ files/]
    ]
  },
  {
    name: 'settings-narrow',
    route: '#/settings',
    size: [1024, 700],
    does: (page) => page.locator('[data-row]').first().waitFor(),
    shows: [['h1', /^Settings$/]]
  }
]
