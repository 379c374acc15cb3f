// What becomes of the work when the last window of the desktop app is closed: asked, gone on with, or ended with a checkpoint.

export const whenClosedChoices = ['ask', 'keep', 'quit'] as const
export type WhenClosed = (typeof whenClosedChoices)[number]
