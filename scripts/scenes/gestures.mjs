// What a user does on a page to come to a state, in the words that the scenes share.

export const plot = (page, title) =>
  page
    .locator('figure.plot')
    .filter({ has: page.getByRole('heading', { name: title }) })
    .first()

export const dialog = (page) => page.getByRole('dialog').last()

/** Brings an element to the top of the picture once it is there. */
export async function scrollTo(locator, { gap = 66 } = {}) {
  await locator.first().waitFor()
  await locator.first().evaluate((element, above) => {
    let frame = element.parentElement
    while (frame && (frame.scrollHeight <= frame.clientHeight || !/auto|scroll/.test(getComputedStyle(frame).overflowY)))
      frame = frame.parentElement
    const scroller = frame ?? document.scrollingElement
    scroller.scrollTop += element.getBoundingClientRect().top - (frame ? frame.getBoundingClientRect().top : 0) - above
  }, gap)
}

/** Points at a place of an element, as fractions of its width and height. */
export async function pointAt(page, locator, x, y) {
  await locator.first().waitFor()
  const box = await locator.first().boundingBox()
  await page.mouse.move(box.x + box.width * x - 3, box.y + box.height * y)
  await page.mouse.move(box.x + box.width * x, box.y + box.height * y)
}

/** A choice of a segmented control. */
export const choose = (page, label) => page.locator('.segment').filter({ hasText: label }).first().click()
