// Tables and arrays that NumPy, pandas and Python's csv module wrote, in every dialect: read to what their own readers give, or refused by a sentence
// that is written down. docs/foreign-files.md is the outcome of this test (vitest -u writes it).
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { compareCsv, compareNpy, type CsvCase, type NpyCase, type Outcome } from '../../../../bench/fuzz/differential'
import { temporaryFolder } from '../formats/folders'

const golden = (name: string) => JSON.parse(readFileSync(`test/reference/${name}/goldens.json`, 'utf8'))

/** What is refused, and why; everything else must be equal. */
const refused: Readonly<Record<string, string>> = {
  'words, names letters, latin-1, index=False': 'line 3: byte 0xE9 is not UTF-8 (in Latin-1 it would be "é"); save the file as UTF-8',
  'words, names letters, cp1252, index=False': 'line 9: byte 0xE9 is not UTF-8 (in Latin-1 it would be "é"); save the file as UTF-8',
  'excel, QUOTE_MINIMAL, header, latin-1, words': 'line 5: byte 0xF6 is not UTF-8 (in Latin-1 it would be "ö"); save the file as UTF-8',
  'values, names default, utf-8, index=False, int inputs':
    'line 1 (0, 1, 2, 3) may be column numbers or a sample; say which with --header yes or --header no',
  'classes, names letters, utf-8, index=False, bool inputs': 'line 2, cell 1 (a): "False" is a truth value; write 1 and 0',
  'classes, names letters, utf-8, index=False, gap in target': 'line 6, cell 4 (label): is empty; fill it in or leave the line out',
  'values, names letters, utf-8, index=False, gap in input': 'line 6, cell 2 (b): is empty; fill it in or leave the line out',
  'values, names letters, utf-8, index=False, gap in target': 'line 6, cell 4 (label): is empty; fill it in or leave the line out',
  "values, names letters, utf-8, index=False, na_rep='NA', gap in target":
    'line 6, cell 4 (label): "NA" stands for a missing value; fill it in or leave the line out (11 of the 12 cells of the target are numbers; --classes yes takes them all as classes)',
  "values, names letters, utf-8, index=False, na_rep='?', gap in input":
    'line 6, cell 2 (b): "?" stands for a missing value; fill it in or leave the line out',
  "values, names letters, utf-8, index=False, sep=';', decimal=','":
    'line 2, cell 1 (a): "-0,002131729453384396" has a comma in it; write decimal points, and no thousands separators',
  "words, names letters, utf-8, index=False, sep='\\t', decimal=','":
    'line 2, cell 1 (a): "78,39378114934831" has a comma in it; write decimal points, and no thousands separators',
  "excel, QUOTE_MINIMAL, header, utf-8, words, doublequote=False, escapechar='\\\\'":
    'line 3 has a backslash before a quote or separator; write cells in quotes, and quotes in them doubled'
}

const introduction = `# Files of other programs

What NumPy, pandas and Python's \`csv\` module write, read by Saddlescope: the same values, to the bit, that their own readers give, or a refusal in one sentence.
This page is the outcome of \`test/unit/store/datasets/csv-writers.test.ts\` over the files that \`test/reference/npy/make.py\` and \`test/reference/csv/make.py\` wrote;
\`bench fuzz\` writes thousands more where Python has NumPy and pandas, and fails when one value differs. \`class\`, \`label\` and \`y\` are the names of targets; the
variants tell the writers' arguments.
`

const rowOf = ({ writer, variant }: { writer: string; variant: string }, outcome: Outcome) =>
  `| ${[writer, variant, outcome.kind === 'refused' ? outcome.sentence.replace(/^.*?: /, '') : outcome.kind].map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`

test('what other programs write is read to the same values, or refused', async () => {
  const folder = temporaryFolder()
  const rows: string[] = []
  const unread: string[] = []
  for (const one of golden('csv') as CsvCase[]) {
    const outcome = await compareCsv(one, folder)
    if (outcome.kind === 'refused') {
      unread.push(one.variant)
      expect(outcome.sentence).toBe(`table.csv: ${refused[one.variant]}`)
    } else expect([one.variant, outcome]).toEqual([one.variant, { kind: 'equal' }])
    rows.push(rowOf(one, outcome))
  }
  expect(unread.sort()).toEqual(Object.keys(refused).sort())
  // npy.test.ts holds the sentences of arrays.
  for (const one of golden('npy') as NpyCase[]) rows.push(rowOf(one, compareNpy(one)))
  await expect(`${[introduction, '| writer | variant | outcome |', '|---|---|---|', ...rows].join('\n')}\n`).toMatchFileSnapshot(
    '../../../../docs/foreign-files.md'
  )
})
