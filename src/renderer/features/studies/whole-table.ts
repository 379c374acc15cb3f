// The cells of a study as a file has them: every figure in full, a row a cell.
import type { StudyDetails } from '../../../shared/api/contract'
import type { PlotTable } from '../../charts/table'
import { costColumns } from './costs'
import { optimizerNames, valueText } from './shape'

export function wholeTable(study: StudyDetails): PlotTable {
  const names = optimizerNames(study)
  const figure = (value: number | null) => value ?? NaN
  const costs = costColumns(study)
  return {
    header: [
      'cell',
      'optimizer',
      ...study.axes.map(({ path }) => path),
      `mean ${study.spec.select.metric}`,
      'std',
      'n',
      'of',
      ...costs.map(({ id }) => id)
    ],
    columns: [
      study.table.map(({ index }) => index),
      study.table.map(({ optimizer }) => (optimizer === null ? '' : names[optimizer])),
      ...study.axes.map(({ path }) =>
        study.table.map(({ values }) =>
          typeof values[path] === 'number' ? (values[path] as number) : path in values ? valueText(values[path]) : ''
        )
      ),
      study.table.map(({ mean }) => figure(mean)),
      study.table.map(({ std }) => figure(std)),
      study.table.map(({ n }) => n),
      study.table.map(({ of }) => of),
      ...costs.map(({ value }) => study.table.map((cell) => figure(value(cell))))
    ]
  }
}
