// Tables as people and programs write them: what each is taken for, by its values; what is not understood is refused with line and reason.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readingSentence, type CsvOptions } from '../../../../src/shared/datasets/schema'
import { readWorkspace, realFileSystem } from '../../../../src/store'
import { importDataset, openDataset, readDatasetSource } from '../../../../src/store/datasets'
import { temporaryFolder } from '../formats/folders'

function file(text: string | Uint8Array, name = 'table.csv'): string {
  const path = join(temporaryFolder(), name)
  writeFileSync(path, text)
  return path
}

/** Inputs by rows, targets as class names or values, and the sentence. */
async function read(text: string | Uint8Array, csv: CsvOptions = {}) {
  const { description, train } = await readDatasetSource(realFileSystem, file(text), { csv })
  const names = description.labels.fine
  const rows = Array.from({ length: train.count }, (_, i) => [...train.x.subarray(i * train.features, (i + 1) * train.features)])
  const y = names && train.labels.fine ? Array.from(train.labels.fine, (place) => names[place]) : [...(train.targets ?? [])]
  return { rows, y, names, said: readingSentence(description) }
}

const labels = (text: string) => text.replaceAll('|', '\n')

describe('the header', () => {
  const samples = '0,5,0.5\n1,6,1.5\n2,7,2.5\n'
  test.each([
    ['a comment above, as numpy.savetxt writes it', `# y,x1,x2\n${samples}`, [0, 1, 2], [5, 0.5]],
    ['a comment of several lines', `# made by hand\n# y,x1,x2\n${samples}`, [0, 1, 2], [5, 0.5]],
    ['a comment with units below the names', `# y,x1,x2\n# -,m,kg\n${samples}`, [0, 1, 2], [5, 0.5]],
    ['a comment by another separator', `% y x1 x2\n${samples}`, [0, 1, 2], [5, 0.5]],
    ['a comment that is none', `# some remark\n${samples}`, [0.5, 1.5, 2.5], [0, 5]],
    ['a sample that was commented out', `#9,9,9\n${samples}`, [0.5, 1.5, 2.5], [0, 5]]
  ])('%s', async (_, text, y, first) => {
    const found = await read(text)
    expect([found.y.map(Number), found.rows[0]]).toEqual([y, first])
  })

  test('column numbers beside one name are pandas’ header, unless the name comes again below', async () => {
    expect(await read(labels('0,1,species|5,6,cat|7,8,dog|9,9,cat|'))).toMatchObject({ y: ['cat', 'dog', 'cat'], names: ['cat', 'dog'] })
    expect(await read(labels('0,1,cat|5,6,cat|7,8,dog|'))).toMatchObject({
      y: ['cat', 'cat', 'dog'],
      rows: [
        [0, 1],
        [5, 6],
        [7, 8]
      ]
    })
    expect(await read(labels('0,1,2|0.5,1.5,2.5|3.5,4.5,5.5|'))).toMatchObject({ y: [2.5, 5.5] })
    await expect(read(labels('0,1,2|5,6,7|7,8,9|'))).rejects.toThrow(
      'table.csv: line 1 (0, 1, 2) may be column numbers or a sample; say which with --header yes or --header no'
    )
    expect((await read(labels('0,1,2|5,6,7|7,8,9|'), { header: true })).rows).toEqual([
      [5, 6],
      [7, 8]
    ])
    expect((await read(labels('0,1,2|5,6,7|7,8,9|'), { header: false })).rows).toHaveLength(3)
  })

  test('a label that is called like a target is a label when it comes again', async () => {
    expect(await read(labels('1,2,y|3,4,n|5,6,y|'))).toMatchObject({ y: ['y', 'n', 'y'] })
    expect(await read(labels('1,2,y|3,4,0.5|5,6,1.5|'))).toMatchObject({ y: [0.5, 1.5] })
  })

  test('pandas’ index is left out and that is said; an index with a name is an input and that is said', async () => {
    expect(await read(labels(',a,label|0,5.5,x|1,6.5,y|'))).toMatchObject({
      rows: [[5.5], [6.5]],
      said: 'read as UTF-8, separator comma, names from line 1; 1 input (a); target label (2 classes: x, y); left out: the first column, which has no name (an index)'
    })
    expect((await read(labels('Id,a,label|1,5,x|2,6,y|3,7,x|4,9,x|'))).said).toBe(
      'read as UTF-8, separator comma, names from line 1; 2 inputs (Id, a); target label (2 classes: x, y); taken as an input, but counts the samples as an index does: Id'
    )
  })
})

describe('separators and line ends', () => {
  test.each([
    [
      'runs of spaces, aligned',
      '  1.5   2 0\n 10.5  20 1\n',
      [
        [1.5, 2],
        [10.5, 20]
      ]
    ],
    [
      'spaces with quoted names, as R writes',
      '"a" "b" "label"\n1.5 2 "x y"\n10.5 20 "z"\n',
      [
        [1.5, 2],
        [10.5, 20]
      ]
    ],
    [
      'bars',
      '1.5|2|0\n10.5|20|1\n',
      [
        [1.5, 2],
        [10.5, 20]
      ]
    ],
    [
      'comma and space',
      'a, b, y\n1.5, 2, 0\n10.5, 20, 1\n',
      [
        [1.5, 2],
        [10.5, 20]
      ]
    ],
    [
      'spaces before quotes',
      'a, b, label\n1.5, 2, "x, y"\n10.5, 20, "z"\n',
      [
        [1.5, 2],
        [10.5, 20]
      ]
    ],
    [
      'semicolons inside texts',
      'a,b,label\n1.5,2,p;q\n10.5,20,r;s\n',
      [
        [1.5, 2],
        [10.5, 20]
      ]
    ],
    [
      'lone carriage returns',
      'a,b,y\r1.5,2,0\r10.5,20,1\r',
      [
        [1.5, 2],
        [10.5, 20]
      ]
    ],
    [
      'a byte-order mark',
      '\ufeffa,b,y\n1.5,2,0\n10.5,20,1',
      [
        [1.5, 2],
        [10.5, 20]
      ]
    ],
    [
      'separators at every end',
      'a,b,y,\n1.5,2,0,\n10.5,20,1,\n',
      [
        [1.5, 2],
        [10.5, 20]
      ]
    ],
    [
      'separators at the samples’ ends',
      'a,b,y\n1.5,2,0,\n10.5,20,1,\n',
      [
        [1.5, 2],
        [10.5, 20]
      ]
    ],
    [
      'comments between and after',
      'a,b,y\n1.5,2,0\n# half\n10.5,20,1\n# end, of, file\n',
      [
        [1.5, 2],
        [10.5, 20]
      ]
    ]
  ])('%s', async (_, text, rows) => {
    expect((await read(text)).rows).toEqual(rows)
  })

  test('what follows a separator at the end is refused; what is left out is said', async () => {
    expect((await read('# by hand\na,b,y,\n1,2,0,\n3,4,1,\n#\n')).said).toContain(
      'left out: the separators that end the lines, 2 comment lines'
    )
    await expect(read('a,b,y,\n1,2,0,\n3,4,1,\n'.concat('1,2,0,\n'.repeat(300), '1,2,0,9\n'))).rejects.toThrow(
      'line 304 has 4 cells, but line 1 has 3 (the separator is comma)'
    )
    await expect(read('x\n1\n2\n')).rejects.toThrow(
      'needs at least one input column beside the target; no separator was found, say which with --separator'
    )
  })

  test('given separators', async () => {
    expect((await read('1:2:0\n3:4:1\n', { separator: ':' })).rows).toEqual([
      [1, 2],
      [3, 4]
    ])
    expect((await read('1;2;0\n3;4;1\n', { separator: 'semicolon' })).rows).toEqual([
      [1, 2],
      [3, 4]
    ])
    await expect(read('1,2\n', { separator: '1' })).rejects.toThrow(
      'the separator "1" is none; use tab, semicolon, comma, pipe, space or one character'
    )
    await expect(read('1,2\n', { separator: 'colon' })).rejects.toThrow('the separator "colon" is none')
  })
})

describe('cells', () => {
  test.each([
    ['1,5', 'has a comma in it; write decimal points, and no thousands separators'],
    ['1.234,5', 'has a comma in it'],
    ['', 'is empty; fill it in or leave the line out'],
    ['nan', 'stands for a missing value; fill it in or leave the line out'],
    ['NA', 'stands for a missing value'],
    ['N/A', 'stands for a missing value'],
    ['#N/A', 'stands for a missing value'],
    ['null', 'stands for a missing value'],
    ['?', 'stands for a missing value'],
    ['inf', 'is not finite'],
    ['-Infinity', 'is not finite'],
    ['0x10', 'is no decimal number'],
    ['0b1', 'is no decimal number'],
    ['1_000', 'is no decimal number'],
    ['1e', 'is no decimal number'],
    ['1.5D+00', 'is no decimal number'],
    ['True', 'is a truth value; write 1 and 0'],
    ['1e999', 'is beyond the range of a double'],
    ['9007199254740993', 'is an integer beyond 2^53, which a double does not hold']
  ])('"%s" among inputs and among numeric targets is refused with its line', async (cell, why) => {
    const rows = (place: 'input' | 'target') =>
      Array.from(
        { length: 20 },
        (_, i) => `${i / 2};${i === 7 && place === 'input' ? cell : i / 4};${i === 7 && place === 'target' ? cell : i / 8}`
      )
    await expect(read(`a;b;y\n${rows('input').join('\n')}\n`)).rejects.toThrow(
      `table.csv: line 9, cell 2 (b): ${cell === '' ? '' : `"${cell}" `}${why}`
    )
    await expect(read(`a;b;y\n${rows('target').join('\n')}\n`)).rejects.toThrow(
      `table.csv: line 9, cell 3 (y): ${cell === '' ? '' : `"${cell}" `}${why}`
    )
  })

  test.each([
    ['1e3', 1000],
    ['+.5', 0.5],
    ['5.', 5],
    ['-1.5E-3', -0.0015],
    ['9007199254740991', 9007199254740991],
    ['007', 7],
    ['1.234567890123456789', 1.2345678901234567]
  ])('"%s" is a number', async (cell, value) => {
    expect((await read(`a,y\n${cell},0.5\n1,1.5\n`)).rows[0]).toEqual([value])
  })
})

describe('targets', () => {
  const rows = (...targets: string[]) => targets.map((target, i) => `${i / 2},${i},${target}`).join('\n')
  const table = (...targets: string[]) => `a,b,species\n${rows(...targets)}\n`

  test.each([
    ['truth values', ['True', 'False', 'True'], ['False', 'True']],
    ['codes with zeros in front', ['007', '012', '007'], ['007', '012']],
    ['whole numbers, written as fractions', ['1.0', '2.0', '1.0'], ['0', '1', '2']],
    ['few numbers among texts', ['a', 'b', '1'], ['1', 'a', 'b']],
    ['words that mean nothing is there, where they may be names', ['none', 'mild', 'none'], ['mild', 'none']]
  ])('%s', async (_, targets, names) => {
    const found = await read(table(...targets))
    expect(found.names).toEqual(names)
    expect(found.y.map((name) => (targets.includes(String(name)) ? name : `${name}.0`))).toEqual(targets)
  })

  test('one cell that is no number among numbers is refused, or taken as the user says', async () => {
    const targets = ['0.5', '1.5', 'nan', '2.5']
    await expect(read(table(...targets))).rejects.toThrow(
      'line 4, cell 3 (species): "nan" stands for a missing value; fill it in or leave the line out (3 of the 4 cells of the target are numbers; --classes yes takes them all as classes)'
    )
    await expect(read(table('1', '2', '3', 'x'))).rejects.toThrow('line 5, cell 3 (species): "x" is no decimal number (3 of the 4 cells')
    expect((await read(table(...targets), { classes: true })).names).toEqual(['0.5', '1.5', '2.5', 'nan'])
    await expect(read(table('cat', 'dog', 'NA'))).rejects.toThrow('line 4, cell 3 (species): "NA" stands for a missing value')
    await expect(read(table('cat', '', 'dog'))).rejects.toThrow('line 3, cell 3 (species): is empty')
    await expect(read(table('0,5', '0,7', '0,5').replaceAll(/(0,\d)$/gm, '"$1"'))).rejects.toThrow(
      'cell 3 (species): "0,5" has a comma in it'
    )
  })

  test('--classes decides what numbers are', async () => {
    expect(await read(table('-1', '1', '-1'))).toMatchObject({ names: null, y: [-1, 1, -1] })
    expect(await read(table('-1', '1', '-1'), { classes: true })).toMatchObject({ names: ['-1', '1'], y: ['-1', '1', '-1'] })
    expect((await read(table('10', '2', '10'), { classes: true })).names).toEqual(['2', '10'])
    expect(await read(table('1.0', '1', '-2'), { classes: true })).toMatchObject({ names: ['-2', '1'], y: ['1', '1', '-2'] })
    expect(await read(table('10', '2', '10'), { classes: false })).toMatchObject({ names: null, y: [10, 2, 10] })
    await expect(read(table('a', 'b', 'a'), { classes: false })).rejects.toThrow('line 2, cell 3 (species): "a" is no decimal number')
    await expect(read('a,y1,y2\n1,2,3\n4,5,6\n', { classes: true })).rejects.toThrow('has 2 target columns, but classes come in one')
  })

  test('--target names columns, or numbers them from 1 where none has that name', async () => {
    const text = 'a,b,y\n1,0.5,3\n4,1.5,6\n'
    expect(await read(text, { target: ['b'] })).toMatchObject({
      rows: [
        [1, 3],
        [4, 6]
      ],
      y: [0.5, 1.5]
    })
    expect(await read(text, { target: ['2'] })).toMatchObject({ y: [0.5, 1.5] })
    expect(await read(text, { target: ['b', 'a'] })).toMatchObject({ rows: [[3], [6]], y: [0.5, 1, 1.5, 4] })
    expect(await read('0,1,2\n5,6.5,7\n8,9.5,9\n', { header: true, target: ['1'] })).toMatchObject({ y: [6.5, 9.5] })
    await expect(read(text, { target: ['z'] })).rejects.toThrow('table.csv: has no column "z"; there are a, b, y')
    await expect(read(text, { target: ['a', '1'] })).rejects.toThrow('the target a is named twice')
    await expect(read('a,a,b\n1,2,3\n4,5,6\n', { target: ['a'] })).rejects.toThrow('2 columns are called "a"')
    await expect(read('y,a,y\n1,2,3\n4,5,6\n')).rejects.toThrow('several columns are called y; name the target by its number')
    expect((await read('a,a,b\n1,2,0.5\n4,5,1.5\n')).rows).toEqual([
      [1, 2],
      [4, 5]
    ])
  })
})

test('the manifest keeps what the file was taken for; options for other files are refused', async () => {
  const place = temporaryFolder()
  const manifest = await importDataset(readWorkspace(place), file('a;b;label\n1;2;x\n3;4;y\n'), { id: 'own' })
  const csv = { encoding: 'UTF-8', separator: 'semicolon', header: 1, inputs: ['a', 'b'], targets: ['label'], leftOut: [], counting: [] }
  expect(manifest.csv).toEqual(csv)
  expect((await openDataset(readWorkspace(place), 'own')).manifest.csv).toEqual(csv)
  await expect(readDatasetSource(realFileSystem, file('x', 'data.npz'), { csv: { header: true, target: ['y'] } })).rejects.toThrow(
    'data.npz: is no .csv, .tsv or .txt file; header, target can be said of such files only'
  )
})
