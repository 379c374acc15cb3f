// Learning rates and dampings over time: a number, or an expression in `t` (the step, from 1) and `epoch` (epochs finished before the step, from 0).

export type Schedule = (t: number, epoch: number) => number

/** Compiles a number or an expression. Rejects with ExpressionError. mathjs is loaded only when there is an expression. */
export async function compileSchedule(value: number | string): Promise<Schedule> {
  if (typeof value === 'number') return () => value
  const { compile } = await import('../../shared/expression')
  const compiled = compile(value, ['t', 'epoch'])
  return (t, epoch) => compiled([t, epoch])
}
