// What was understood of an array from elsewhere, as rows for people.
import type { ArrayInspection } from '../../../shared/open-kinds'
import { formatCount, formatNumber } from '../../app/format'

const typeNames: Readonly<Record<string, string>> = { f8: 'float64', f4: 'float32', f2: 'float16' }

export function arrayRows(found: ArrayInspection): { name: string; value: string; mono?: boolean }[] {
  const { shape, type, bigEndian, fortranOrder, kind, symmetry, least, greatest, negative } = found
  const isMatrix = kind === 'matrix'
  const order = !isMatrix ? '' : fortranOrder ? ', Fortran order (column by column)' : ', C order (row by row)'
  const kept = type === 'f8' ? '' : '; kept as float32'
  return [
    { name: 'Taken for', value: isMatrix ? 'a Hessian: a square matrix of numbers' : 'a list of eigenvalues: one dimension' },
    { name: 'Shape', value: isMatrix ? shape.map(formatCount).join(' × ') : `${formatCount(shape[0])} values` },
    { name: 'Numbers', value: `${typeNames[type] ?? type}, ${bigEndian ? 'big' : 'little'} endian${order}${isMatrix ? kept : ''}` },
    {
      name: isMatrix ? 'Entries' : 'Eigenvalues',
      value: `from ${formatNumber(least)} to ${formatNumber(greatest)}, all finite${negative === null ? '' : `; ${formatCount(negative)} below 0`}`
    },
    ...(symmetry === null
      ? []
      : [
          {
            name: 'Symmetric',
            value:
              symmetry === 0
                ? 'yes, exactly'
                : `${found.fault === null ? 'yes' : 'no'}: max |H − Hᵀ| is ${formatNumber(symmetry, 2)} of max |H|`
          }
        ])
  ]
}
