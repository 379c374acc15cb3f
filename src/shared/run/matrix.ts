// How a stored matrix is named in one text: RUN:STEP/BLOCK for a snapshot's Hessian, RUN:NAME for the matrix of an analysis; and in which order it is shown.
import { deviceNames, runIdPattern } from '../spec/schema'

export type MatrixPlace =
  | { readonly run: string; readonly step: number; readonly block: string }
  | { readonly run: string; readonly analysis: string }

/** As stored, or with the weights of each unit side by side. */
export const matrixOrders = ['stored', 'unit'] as const
export type MatrixOrder = (typeof matrixOrders)[number]

/** Folders of analyses: kind, step, and a number from 2 where there are several. */
export const analysisNamePattern = /^[a-z][a-z-]{0,30}-\d{1,15}(?:-\d{1,4})?$/
const blockPattern = /^[A-Za-z0-9_-]{1,64}$/

/** RUN:STEP or RUN:STEP/BLOCK; null for anything else. */
export function parseSnapshot(text: string): { readonly run: string; readonly step: number; readonly block: string | null } | null {
  const [run, place, ...more] = text.split(':')
  const [step, block = null, ...rest] = (place ?? '').split('/')
  if (more.length > 0 || rest.length > 0 || !runIdPattern.test(run) || deviceNames.test(run)) return null
  if (!/^\d{1,15}$/.test(step) || (block !== null && !blockPattern.test(block))) return null
  return { run, step: Number(step), block }
}

export function parseMatrix(text: string): MatrixPlace | null {
  const snapshot = parseSnapshot(text)
  if (snapshot) return snapshot.block === null ? null : { ...snapshot, block: snapshot.block }
  const [run, analysis, ...more] = text.split(':')
  if (more.length > 0 || !runIdPattern.test(run) || deviceNames.test(run) || !analysisNamePattern.test(analysis ?? '')) return null
  return { run, analysis }
}

export const matrixText = (place: MatrixPlace): string =>
  'analysis' in place ? `${place.run}:${place.analysis}` : `${place.run}:${place.step}/${place.block}`
