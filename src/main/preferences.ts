// What a person has chosen for the desktop app on this machine: desktop.json in the user-data folder, not in the workspace.
import { z } from 'zod'
import { whenClosedChoices, type WhenClosed } from '../shared/shell/when-closed'
import { readState, writeState } from './state-file'

const file = 'desktop.json'
const schema = z.looseObject({ whenClosed: z.enum(whenClosedChoices) })

const read = () => readState(file, schema, { whenClosed: 'ask' })

export const whenClosed = (): WhenClosed => read().whenClosed
export const setWhenClosed = (choice: WhenClosed) => writeState(file, { ...read(), whenClosed: choice })
