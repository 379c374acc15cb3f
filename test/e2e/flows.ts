// What a user does, on a page of the workbench: the same steps in a browser and in the Electron window.
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { eventually } from './support'

/** Goes to a screen by its route, as a link would. */
export async function visit(page: Page, route: string) {
  await page.getByText('Connected').waitFor()
  await page.evaluate(`window.location.hash = ${JSON.stringify(route)}`)
}

/** Presses Start on a preset's card, by the card's title, and waits for the run's own screen. */
export async function startPreset(page: Page, title: string): Promise<string> {
  const card = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: title }) })
  await card.getByRole('button', { name: 'Start', exact: true }).click()
  await page.waitForURL(/#\/run\/[a-z0-9-]+/)
  return /#\/run\/([a-z0-9-]+)/.exec(page.url())?.[1] ?? ''
}

/** A figure at the top of the run's screen, such as Step or Loss. */
export async function figure(page: Page, name: string): Promise<string> {
  const entry = page.locator('.figure').filter({ has: page.getByText(name, { exact: true }) })
  return (await entry.locator('dd').first().textContent()) ?? ''
}

export async function currentStep(page: Page): Promise<number> {
  return Number((await figure(page, 'Step')).split('/')[0].replace(/\D/g, ''))
}

export const state = (page: Page) => page.locator('h1 + *').first().textContent()

export async function waitForState(page: Page, wanted: RegExp, seconds = 30) {
  await eventually(`the run is ${wanted}`, async () => wanted.test((await state(page).catch(() => null)) ?? ''), seconds)
}

/** The step figure and what the loss chart says of itself both move on. */
export async function expectCurvesToMove(page: Page) {
  const steps = await eventually('the first steps', async () => {
    const step = await currentStep(page)
    return step >= 2 ? step : null
  })
  const loss = page.getByRole('img', { name: /^Loss/ }).first()
  const before = await loss.getAttribute('aria-label')
  await eventually('later steps', async () => (await currentStep(page)) > steps + 1)
  await eventually('the curve follows', async () => (await loss.getAttribute('aria-label')) !== before)
}

/** Opens the Spectrum tab: the histogram's bins must add up to P. */
export async function expectSpectrum(page: Page, parameters: number) {
  await page.getByRole('tab', { name: /Spectrum/ }).click()
  const text = await eventually('the histogram', async () => {
    const found = await page
      .getByText(/bins, .* of .* eigenvalues/)
      .first()
      .textContent()
    return found?.includes('of') ? found : null
  })
  const [, counted, all] = /bins, ([\d\s\u202f,]+) of ([\d\s\u202f,]+) eigenvalues/.exec(text) ?? []
  expect(Number(counted.replace(/\D/g, ''))).toBe(parameters)
  expect(Number(all.replace(/\D/g, ''))).toBe(parameters)
}

/** Frames drawn within the next seconds: a page that is blocked draws none. How long one takes depends on what else the machine does, so that is printed only. */
export async function countFrames(page: Page, seconds: number): Promise<number> {
  const { frames, longest } = await drawFrames(page, seconds)
  console.log(`${frames} frames in ${seconds} s, the longest ${longest.toFixed(0)} ms`)
  return frames
}

function drawFrames(page: Page, seconds: number): Promise<{ frames: number; longest: number }> {
  return page.evaluate(`new Promise((done) => {
    const started = performance.now()
    let last = started
    let longest = 0
    let frames = 0
    const frame = (now) => {
      longest = Math.max(longest, now - last)
      last = now
      frames++
      if (now - started > ${seconds * 1000}) done({ frames, longest })
      else requestAnimationFrame(frame)
    }
    requestAnimationFrame(frame)
  })`)
}
