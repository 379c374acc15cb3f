// How a race is shown: what was found, the results, the rates tried, the curves.
import { figureOnPage } from '../../../shared/format/figures'
import type { Block } from '../page'
import { nameOf, raceSentences } from './findings'
import type { Program } from './plan'
import type { Race, Result } from './race'

const resultRow = ({ optimizer, rate, steps, epochs, trainLoss, testLoss, testAccuracy }: Result) => [
  nameOf(optimizer),
  String(rate),
  String(steps),
  figureOnPage(epochs, 3),
  trainLoss === null ? 'diverged' : figureOnPage(trainLoss, 4),
  testLoss === null ? '–' : figureOnPage(testLoss, 4),
  testAccuracy === null ? '–' : `${figureOnPage(100 * testAccuracy, 3)} %`
]

export function raceBlocks(program: Program, found: Race): Block[] {
  const where = { program }
  const curve = (data: string, column: string, y: string, heading: string): Block => ({
    kind: 'figure',
    data,
    where,
    caption: `${heading}, over the seconds of the steps themselves (logarithmic).`,
    plot: {
      type: 'lines',
      title: heading,
      description: `A line for each optimizer over seconds of steps; the last values are those of the table.`,
      by: 'optimizer',
      x: { column: 'seconds', label: 'seconds of steps', log: true },
      y: { column, label: y }
    }
  })
  return [
    { kind: 'findings', sentences: raceSentences(found.results, found.attempts) },
    {
      kind: 'table',
      caption:
        'After equal time. Training loss: mean over the last batches, per sample; test figures: the last evaluation. The rates of the rivals are the best of those tried.',
      data: 'results.csv',
      columns: ['optimizer', 'rate', 'steps', 'epochs', 'training loss', 'test loss', 'test accuracy'],
      rows: found.results.map(resultRow)
    },
    {
      kind: 'table',
      caption: `Rates that were tried, ${figureOnPage(found.attempts[0]?.seconds ?? 0, 3)} s of steps each, with the training loss at the end; the lowest of each row was chosen.`,
      data: 'search.csv',
      columns: ['optimizer', 'rate: training loss'],
      rows: [...new Set(found.attempts.map(({ optimizer }) => optimizer))].map((rival) => [
        nameOf(rival),
        found.attempts
          .filter(({ optimizer }) => optimizer === rival)
          .map(({ rate, trainLoss }) => `${rate}: ${trainLoss === null ? 'diverged' : figureOnPage(trainLoss, 4)}`)
          .join(' · ')
      ])
    },
    curve('curves.csv', 'trainLoss', 'training loss per sample', 'Training loss'),
    curve('tests.csv', 'testAccuracy', 'test accuracy (fraction)', 'Test accuracy')
  ]
}

export const searchText =
  'Every rival has the same data, projection, start weights and batches, all from seed 0, and as many seconds of steps as the program took, evaluations and loading not counted (a run ends with the first step that passes the time). Each tries a few learning rates first, an equal share of that time for each, and the one with the lowest training loss gets the whole time; those seconds of search come on top. The programs run with the demonstration’s own settings, for which nothing was searched here, so what tilts the race tilts it towards the rivals. L-BFGS (strong Wolfe line search, PyTorch’s defaults) works on the same small batches, which it was not made for.'
