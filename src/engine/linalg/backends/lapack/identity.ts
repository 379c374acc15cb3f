// What a loaded library is: its maker, its version, and the kernels it chose.
import { cpus } from 'node:os'
import { fortranSpellings, ownSpellings, type Find } from './symbols'

export interface Identity {
  readonly kind: 'OpenBLAS' | 'MKL' | 'Accelerate' | 'reference'
  /** E.g. "0.3.21"; null where the library does not say. */
  readonly version: string | null
  /** The processor that OpenBLAS's kernels are made for, e.g. "SkylakeX"; null for other libraries. */
  readonly core: string | null
  /** For people and for records: all of it in one line. */
  readonly description: string
}

export function identify(find: Find, name: string): Identity {
  const config = find(ownSpellings('openblas_get_config'), 'str', [])
  if (config) return openblas(find, name, String(config()))
  if (find(['MKL_Set_Num_Threads'], 'void', ['int'])) {
    const version = mklVersion(find)
    return { kind: 'MKL', version, core: null, description: `${version === null ? 'MKL' : `MKL ${version}`}, ${cpuModel()} (${name})` }
  }
  if (name === 'Accelerate')
    return { kind: 'Accelerate', version: null, core: null, description: `Accelerate of ${process.platform} ${cpuModel()}` }
  const parts = [new Int32Array(1), new Int32Array(1), new Int32Array(1)]
  find(fortranSpellings('ilaver'), 'void', ['int *', 'int *', 'int *'])?.(...parts)
  const version = parts.map((part) => part[0]).join('.')
  return { kind: 'reference', version, core: null, description: `LAPACK ${version}, reference BLAS (${name})` }
}

function openblas(find: Find, name: string, config: string): Identity {
  const version = /OpenBLAS\s+(\S+)/.exec(config)?.[1] ?? null
  const corename = find(ownSpellings('openblas_get_corename'), 'str', [])
  const core = corename ? String(corename()) : null
  return { kind: 'OpenBLAS', version, core, description: `OpenBLAS ${version ?? 'of unknown version'}, ${core ?? cpuModel()} (${name})` }
}

const cpuModel = (): string => cpus()[0]?.model.trim() ?? 'unknown CPU'

function mklVersion(find: Find): string | null {
  const text = Buffer.alloc(200)
  find(['MKL_Get_Version_String', 'mkl_get_version_string'], 'void', ['uint8_t *', 'int'])?.(text, text.length)
  return /Version (\S+)/.exec(text.toString('latin1'))?.[1] ?? null
}
