// Jets of a function of a few variables through its expression tree.
import type { FunctionDefinition } from '../functions/definition'
import { matrix, type Matrix } from '../linalg'
import { createPacer } from '../linalg/pacer'
import type { CurveJet, JetOptions } from '../objective'
import { checkCurves, curveCoefficient } from './curves'
import { expressionJet } from './expression'

/** Coefficient arrays of w_i(t), one a variable. */
function variablesAlong(x: Float64Array, curve: Matrix, order: number): Float64Array[] {
  return Array.from(x, (start, i) => {
    const series = new Float64Array(order + 1)
    series[0] = start
    for (let k = 1; k <= curve.rows; k++) series[k] = curveCoefficient(curve, k)[i]
    return series
  })
}

/** See Objective.jets. About (K + 1)(K + 2)/2 times the work of a gradient a curve. */
export async function functionJets(
  definition: FunctionDefinition,
  x: Float64Array,
  curves: readonly Matrix[],
  options: JetOptions
): Promise<CurveJet[]> {
  checkCurves(curves, x.length, options)
  const { order, gradient: withGradient = true, signal, onProgress } = options
  const term = definition.term()
  const pace = createPacer(signal)
  const jets: CurveJet[] = []
  for (const curve of curves) {
    const pause = pace()
    if (pause) await pause
    const { value, gradient } = expressionJet(term, variablesAlong(x, curve, order), withGradient)
    const rows = matrix(withGradient ? order + 1 : 0, x.length)
    for (const [i, series] of gradient.entries()) for (let k = 0; k <= order; k++) rows.data[k * x.length + i] = series[k]
    jets.push({ loss: value, gradient: rows })
    onProgress?.(jets.length / curves.length)
  }
  return jets
}
